import { allocate, requestDeletion } from '../../app/allocation/transitions';
import { DynamoInventoryStore } from '../../app/store/dynamo-inventory-store';
import { loggedAllocations, replayAllocation, type ReplayOutcome } from '../../app/store/allocation-replay';
import { poolViolations } from '../fakes/pool-invariants';
import { silentLogger } from '../fakes/loggers';
import { availableSandboxes, SAMPLE_ALLOCATION } from '../fakes/sandbox-samples';
import { EngineTables, type EngineHarness } from './engine-tables';

/*
 * The rehearsal of docs/runbooks/restore-the-table.md: a table as it was at a point in time, and the log of what was
 * allocated since.
 */

const T = 1_700_000_000;

let tables: EngineTables;
let restored: EngineHarness;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

beforeEach(async () => {
  restored = await tables.newHarness();
});

const ROWS = availableSandboxes(6);

/** A line as the API logs it. */
function line(index: number, caller: string, allocatedAt: number, outcome = 'allocated'): string {
  const { sandboxId, name, externalId } = ROWS[index] ?? { sandboxId: '', name: '', externalId: '' };
  return JSON.stringify({
    level: 30,
    action: 'allocate',
    outcome,
    status: 201,
    caller,
    track_name: 'intro',
    sandbox_id: sandboxId,
    sandbox_name: name,
    external_id: externalId,
    idempotency_key: 'k',
    allocated_at: allocatedAt,
    expires_at: allocatedAt + 14_400,
  });
}

async function replay(lines: string[]): Promise<ReplayOutcome[]> {
  const { client, names, store } = restored;
  const stores = { store, inventory: new DynamoInventoryStore(client, names, silentLogger) };
  const outcomes: ReplayOutcome[] = [];
  for (const allocation of loggedAllocations(lines).allocations) {
    outcomes.push(await replayAllocation(allocation, stores, () => 0.5));
  }
  return outcomes;
}

async function expectHeldBy(index: number, caller: string): Promise<void> {
  const row = await restored.store.getSandbox(ROWS[index]?.sandboxId ?? '');
  expect(row).toMatchObject({ status: 'allocated', allocation: { caller, idempotencyKey: 'k' } });
}

describe('a table restored to a point in time', () => {
  it('holds again what was allocated since, whatever the table says of it, however often that is repeated', async () => {
    const [available, stale] = ROWS;
    if (!available || !stale) throw new Error('no rows');
    const { queuePosition, ...base } = stale;
    await restored.seed({
      sandboxes: [available, { ...base, status: 'stale', staleSince: queuePosition % 1_000 }],
    });
    // The third was added after T: the table does not know it at all.
    const lines = [line(0, 'a', T + 10), line(1, 'b', T + 20), line(2, 'c', T + 30)];

    expect(await replay(lines)).toEqual(['held', 'held', 'held']);
    expect(await replay(lines)).toEqual(['unchanged', 'unchanged', 'unchanged']);

    for (const [index, caller] of ['a', 'b', 'c'].entries()) await expectHeldBy(index, caller);
    expect(poolViolations(await restored.contents())).toEqual([]);
  });

  it('never changes a row back that is further on', async () => {
    const [first, second] = ROWS;
    if (!first || !second) throw new Error('no rows');
    const held = allocate(first, { ...SAMPLE_ALLOCATION, caller: 'newer', allocatedAt: T + 500 });
    const released = requestDeletion(allocate(second, SAMPLE_ALLOCATION), T + 600);
    await restored.seed({ sandboxes: [held, released] });

    expect(await replay([line(0, 'a', T + 10), line(1, 'b', T + 20)])).toEqual(['unchanged', 'unchanged']);

    expect(await restored.store.getSandbox(first.sandboxId)).toEqual(held);
    expect(await restored.store.getSandbox(second.sandboxId)).toEqual(released);
  });

  it('ends an older allocation of the same caller and key: it was over when the newer one began', async () => {
    await restored.seed({ sandboxes: ROWS });
    await replay([line(0, 'a', T - 100)]);

    expect(await replay([line(1, 'a', T + 10)])).toEqual(['held']);

    await expectHeldBy(1, 'a');
    expect(await restored.store.getSandbox(ROWS[0]?.sandboxId ?? '')).toMatchObject({
      status: 'pending_deletion',
    });
    expect(poolViolations(await restored.contents())).toEqual([]);
  });

  it('retires a sandbox that its caller held before the one of now', async () => {
    await restored.seed({ sandboxes: ROWS });
    await replay([line(1, 'a', T + 500)]);

    expect(await replay([line(0, 'a', T + 10)])).toEqual(['retired']);

    expect(await restored.store.getSandbox(ROWS[0]?.sandboxId ?? '')).toMatchObject({
      status: 'pending_deletion',
    });
    expect(poolViolations(await restored.contents())).toEqual([]);
  });

  it('holds an account again whose path in the portal was another one then', async () => {
    const [row] = ROWS;
    if (!row) throw new Error('no rows');
    const key = row.externalId.split('/').at(-1) ?? '';
    await restored.seed({ sandboxes: [{ ...row, externalId: `v0/accounts/${key}` }] });

    expect(await replay([line(0, 'a', T + 10)])).toEqual(['held']);
  });

  it('says so when an account belongs to another row', async () => {
    await restored.seed({ sandboxes: [{ ...ROWS[0], sandboxId: 'another' } as (typeof ROWS)[number]] });

    expect(await replay([line(0, 'a', T + 10)])).toEqual(['contradicted']);
  });
});

describe('the allocations in a log', () => {
  it('are each sandbox once, oldest first, among lines of all kinds', () => {
    const lines = [
      line(1, 'b', T + 20),
      'no JSON',
      JSON.stringify({ level: 30, action: 'allocate', outcome: 'no_sandboxes_available', status: 409 }),
      line(0, 'a', T + 10),
      line(0, 'a', T + 10, 'idempotent_hit'),
      JSON.stringify({ action: 'allocate', outcome: 'allocated', sandbox_id: 'x' }),
      '{"action":"allocate","outcome":"alloc',
    ];

    const { allocations, unreadableLines } = loggedAllocations(lines);

    expect(allocations.map(({ caller }) => caller)).toEqual(['a', 'b']);
    expect(unreadableLines).toEqual([6, 7]);
  });
});
