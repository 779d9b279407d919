import { guardTable, type GuardedTable } from '../../app/jobs/guard-table';
import { RowRefusedError, StoreUnavailableError } from '../../app/store/sandbox-store';
import { recordingLogger } from '../fakes/loggers';
import {
  allocatedSandbox,
  availableSandbox,
  availableSandboxes,
  deletedSandbox,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import { JobPool } from './job-pool';

let pool: JobPool;
let signal: AbortSignal;

beforeEach(() => {
  pool = new JobPool();
  signal = new AbortController().signal;
});

/** Puts rows into the table as an earlier release did. */
const seedUnguarded = (...sandboxes: Parameters<JobPool['seed']>): void => {
  pool.rows.seed({ sandboxes }, { unguarded: true });
};

const guard = (logger = pool.tools.logger): Promise<GuardedTable> =>
  guardTable({ ...pool.tools, logger }, { signal, onProgress: () => (pool.progressCount += 1) });

const { externalId: ACCOUNT } = availableSandbox();

it.each(Object.values(SAMPLE_OF_STATUS))(
  'guards the account of a row that is $status, and reports progress',
  async (row) => {
    seedUnguarded(row);

    expect(await guard()).toEqual({ unguarded: [], conflictCount: 0 });

    expect(await pool.inventory.accountHolder(row.externalId)).toBe(row.sandboxId);
    expect(pool.progressCount).toBeGreaterThan(1);
  },
);

it('guards rows that no index shows yet', async () => {
  pool = new JobPool({ indexLagMs: () => 60_000 });
  seedUnguarded(...availableSandboxes(30));
  const [row] = availableSandboxes(1);
  if (row)
    pool.rows.rows.write({ ...deletedSandbox(), sandboxId: row.sandboxId, externalId: row.externalId });

  await guard();

  expect(pool.inventory.guardWrites).toBe(30);
  expect(await pool.inventory.accountHolder(row?.externalId ?? '')).toBe(row?.sandboxId);
});

it.each([allocatedSandbox({ sandboxId: 'z' }), deletedSandbox({ sandboxId: 'z' })])(
  'gives the account of two rows to the one that is $status, wherever in the table it is',
  async (held) => {
    seedUnguarded(availableSandbox({ sandboxId: 'a' }), staleSandbox({ sandboxId: 'b' }), held);

    expect(await guard()).toMatchObject({ conflictCount: 2 });

    expect(await pool.inventory.accountHolder(ACCOUNT)).toBe('z');
  },
);

it('names a row whose account cannot be read, and guards the others', async () => {
  const { logger, lines } = recordingLogger();
  seedUnguarded(availableSandbox({ sandboxId: 'odd', externalId: 'accounts/..' }), ...availableSandboxes(3));

  expect(await guard(logger)).toEqual({ unguarded: ['odd'], conflictCount: 0 });

  expect(pool.inventory.guardWrites).toBe(3);
  expect(lines).toMatchObject([{ level: 50, sandbox_id: 'odd', outcome: 'unreadable' }]);
});

it('goes on past a guard that the table refuses', async () => {
  const [refused, ...others] = availableSandboxes(5);
  if (refused) seedUnguarded(refused, ...others);
  pool.inventory.before = (operation, sandboxId) => {
    if (operation === 'guardAccount' && sandboxId === refused?.sandboxId)
      throw new RowRefusedError('guardAccount', { cause: new Error('injected') });
  };

  expect(await guard()).toEqual({ unguarded: [refused?.sandboxId], conflictCount: 0 });
  expect(pool.inventory.guardWrites).toBe(4);
});

it('says that it has to be repeated when a write got no answer, and completes the next time', async () => {
  seedUnguarded(...availableSandboxes(5));
  let left = 1;
  pool.inventory.before = (operation) => {
    if (operation === 'guardAccount' && left-- > 0)
      throw new StoreUnavailableError('guardAccount', { cause: new Error('injected') });
  };

  expect((await guard()).error).toContain('repeat it');
  expect(await guard()).toEqual({ unguarded: [], conflictCount: 0 });

  expect(pool.inventory.guardWrites).toBe(5);
});

it('is incomplete when it is stopped', async () => {
  const stop = new AbortController();
  ({ signal } = stop);
  seedUnguarded(...availableSandboxes(5));
  pool.inventory.before = (operation) => {
    if (operation === 'guardAccount') stop.abort();
  };

  expect((await guard()).error).toBeDefined();
});
