import {
  DynamoDBServiceException,
  TransactionCanceledException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { allocate } from '../../app/allocation/transitions';
import { DynamoAllocations } from '../../app/store/dynamo-allocations';
import { claimToItem, sandboxToItem, type Item } from '../../app/store/items';
import type { DynamoTable } from '../../app/store/dynamo-table';
import { StoreUnavailableError, type AllocateOutcome } from '../../app/store/sandbox-store';
import { DEFAULT_TABLE_NAMES } from '../../app/store/table';
import {
  availableSandbox,
  availableSandboxes,
  claimOf,
  allocatedSandbox,
  SAMPLE_ALLOCATION,
} from '../fakes/sandbox-samples';

/*
 * What becomes of each caller when several share a transaction. What a transaction itself does is in the contract of
 * the store, on the real engine (test/engine).
 */

const ABOUT = { message: 'as DynamoDB says', $metadata: {} };
/** So many calls go alone before the next ones have to share. */
const ALONE = 8;

const CANDIDATES = availableSandboxes(20);
const TOUCHED = availableSandbox({ version: 17 });
interface Reason {
  Code: string;
  Item?: Item;
}
const NONE: Reason = { Code: 'None' };

/** A table that answers each transaction as told; those it was not told about succeed. */
class ScriptedTable {
  readonly transactions: TransactWriteItem[][] = [];
  readonly names = DEFAULT_TABLE_NAMES;
  #release: () => void = () => undefined;
  readonly #held = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  constructor(private readonly answers: Partial<Record<number, Error>>) {}

  async transact(items: TransactWriteItem[]): Promise<void> {
    const number = this.transactions.push(items);
    // The first ones are held until all have come: so the others meet and share.
    if (number <= ALONE) await this.#held;
    const error = this.answers[number];
    if (error) throw error;
  }

  letGo(): void {
    this.#release();
  }

  /** How many allocations were in each transaction that was shared, or came after one. */
  get sharedSizes(): number[] {
    return this.transactions.slice(ALONE).map((items) => items.length / 2);
  }
}

/** Eight calls that go alone, then these three, which share one; what becomes of the three. */
async function allocateThree(
  answers: Partial<Record<number, Error>>,
): Promise<{ results: (AllocateOutcome | Error)[]; table: ScriptedTable }> {
  const table = new ScriptedTable(answers);
  const allocations = new DynamoAllocations(table as unknown as DynamoTable);
  const all = CANDIDATES.slice(0, ALONE + 3).map((candidate, index) => {
    const caller = `student-${index}`;
    return allocations.allocate(
      candidate,
      allocate(candidate, { ...SAMPLE_ALLOCATION, caller, idempotencyKey: caller }),
    );
  });
  const settled = Promise.allSettled(all);
  table.letGo();
  const results = (await settled)
    .slice(ALONE)
    .map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error)));
  return { results, table };
}

function cancelled(...reasons: Reason[]): TransactionCanceledException {
  return new TransactionCanceledException({ ...ABOUT, CancellationReasons: reasons });
}

const SHARED = ALONE + 1;
const ALLOCATED = { kind: 'allocated' };

describe('DynamoAllocations', () => {
  it('writes claim and sandbox of each who came at the same moment, in one transaction', async () => {
    const { results, table } = await allocateThree({});

    expect(results).toEqual([ALLOCATED, ALLOCATED, ALLOCATED]);
    expect(table.sharedSizes).toEqual([3]);
    const written = table.transactions[SHARED - 1]?.map(
      ({ Put, Update }) => Put?.Item?.PK?.S ?? Update?.Key?.PK?.S,
    );
    expect(written).toEqual(
      [8, 9, 10].flatMap((index) => [
        `CLAIM#student-${index}#student-${index}`,
        `SBX#${CANDIDATES[index]?.sandboxId ?? ''}`,
      ]),
    );
  });

  it.each<[string, Reason, Reason, unknown]>([
    ['whose sandbox is gone', NONE, { Code: 'ConditionalCheckFailed' }, { kind: 'candidate_taken' }],
    [
      'whose sandbox was touched and is still free',
      NONE,
      { Code: 'ConditionalCheckFailed', Item: sandboxToItem(TOUCHED) },
      { kind: 'candidate_changed', current: TOUCHED },
    ],
    [
      'whose sandbox is unreadable',
      NONE,
      { Code: 'ConditionalCheckFailed', Item: { PK: { S: 'SBX#1' } } },
      { kind: 'candidate_taken' },
    ],
    [
      'whose claim is being written',
      { Code: 'TransactionConflict' },
      NONE,
      { kind: 'conflict', on: 'claim' },
    ],
    [
      'whose sandbox is being written',
      NONE,
      { Code: 'TransactionConflict' },
      { kind: 'conflict', on: 'sandbox' },
    ],
    [
      'who holds a sandbox already',
      { Code: 'ConditionalCheckFailed', Item: claimToItem(claimOf(allocatedSandbox({ sandboxId: '1' })), 1) },
      NONE,
      {
        kind: 'already_claimed',
        claim: claimOf(allocatedSandbox({ sandboxId: '1' })),
        candidateTaken: false,
      },
    ],
  ])(
    'tells the one %s, and takes the others’ sandboxes with the next',
    async (_who, claim, sandbox, outcome) => {
      const { results, table } = await allocateThree({
        [SHARED]: cancelled(NONE, NONE, claim, sandbox, NONE, NONE),
      });

      expect(results).toEqual([ALLOCATED, outcome, ALLOCATED]);
      expect(table.sharedSizes).toEqual([3, 2]);
    },
  );

  it.each([
    ['sandbox', NONE, { Code: 'ThrottlingError' }],
    ['claim', { Code: 'ProvisionedThroughputExceeded' }, NONE],
  ] as const)(
    'lets only the one wait whose %s is throttled, and sends the others alone',
    async (on, claim, sandbox) => {
      const { results, table } = await allocateThree({
        [SHARED]: cancelled(NONE, NONE, claim, sandbox, NONE, NONE),
      });

      expect(results).toEqual([ALLOCATED, { kind: 'throttled', on }, ALLOCATED]);
      expect(table.sharedSizes).toEqual([3, 1, 1]);
    },
  );

  it('never hands on a throttled candidate, whatever befell its claim', async () => {
    const { results } = await allocateThree({
      [SHARED]: cancelled(
        NONE,
        NONE,
        { Code: 'TransactionConflict' },
        { Code: 'ThrottlingError' },
        NONE,
        NONE,
      ),
    });

    expect(results[1]).toEqual({ kind: 'throttled', on: 'sandbox' });
  });

  it('fails all at once when nothing can be written at all', async () => {
    const denied = new DynamoDBServiceException({
      ...ABOUT,
      name: 'AccessDeniedException',
      $fault: 'client',
    });
    const { results, table } = await allocateThree({ [SHARED]: denied });

    const unavailable: unknown = expect.objectContaining({ name: 'StoreUnavailableError', cause: denied });
    expect(results).toEqual([unavailable, unavailable, unavailable]);
    expect(table.sharedSizes).toEqual([3]);
  });

  it('fails the one alone whose claim is unreadable', async () => {
    const unreadable = { Code: 'ConditionalCheckFailed', Item: { PK: { S: 'CLAIM#x#x' } } };
    const { results } = await allocateThree({
      [SHARED]: cancelled(unreadable, NONE, NONE, NONE, NONE, NONE),
    });

    expect(results).toEqual([expect.any(Error), ALLOCATED, ALLOCATED]);
  });

  it('sends each alone when DynamoDB does not accept them together, so that only the culprit fails', async () => {
    const refused = new DynamoDBServiceException({ ...ABOUT, name: 'ValidationException', $fault: 'client' });
    const { results, table } = await allocateThree({ [SHARED]: refused, [SHARED + 2]: refused });

    expect(table.sharedSizes).toEqual([3, 1, 1, 1]);
    expect(results).toEqual([
      ALLOCATED,
      expect.objectContaining({ name: 'RowRefusedError', cause: refused }),
      ALLOCATED,
    ]);
  });

  it.each([
    ['throttled', 'ThrottlingException', 'client', { kind: 'throttled', on: 'unknown' }],
    ['a conflict', 'TransactionInProgressException', 'client', { kind: 'conflict', on: 'claim' }],
  ] as const)('is %s for all when the whole call is', async (_what, name, $fault, outcome) => {
    const { results, table } = await allocateThree({
      [SHARED]: new DynamoDBServiceException({ ...ABOUT, name, $fault }),
    });

    expect(results).toEqual([outcome, outcome, outcome]);
    expect(table.sharedSizes).toEqual([3]);
  });

  it('is unavailable for all when there is no answer', async () => {
    const { results } = await allocateThree({ [SHARED]: new Error('socket hang up') });

    for (const result of results) expect(result).toBeInstanceOf(StoreUnavailableError);
  });

  it('does not go round for ever when a transaction is cancelled for no reason', async () => {
    const { results, table } = await allocateThree({
      [SHARED]: cancelled(NONE, NONE, NONE, NONE, NONE, NONE),
    });

    for (const result of results) expect(result).toBeInstanceOf(Error);
    expect(table.sharedSizes).toEqual([3]);
  });
});
