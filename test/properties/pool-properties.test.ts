import { asAskedFor, checkWorlds } from './check-worlds';
import { newFakeWorldTable } from './fake-world-table';

// The finder reserves room for 20,000 revisions. A world has a few dozen, and there are thousands of worlds.
jest.mock('lru-cache', () => jest.requireActual<object>('./small-lru-cache'));

const RUNS = 3_000;
const MAX_COMMAND_COUNT = 30;
/** So many worlds have seen everything; fewer need not. */
const RUNS_TO_SEE_ALL = 2_000;

/** What has to come about in so many worlds, or they are too dull to prove anything. */
const EVENTS = [
  ...[
    '201',
    '200',
    '409',
    'ALLOCATION_CONTENDED',
    'SERVICE_UNAVAILABLE',
    'get 200',
    'mark 200',
    'mark expired',
  ],
  ...['NOT_SANDBOX_OWNER', 'SANDBOX_NOT_FOUND', 'a job ran', 'a job busy', 'a job not_due'],
  ...['unknown → available', 'available → available', 'available → allocated', 'available → stale'],
  ...[
    'stale → available',
    'stale → removed',
    'allocated → pending_deletion',
    'pending_deletion → deletion_unconfirmed',
  ],
  ...[
    'deletion_unconfirmed → deletion_unconfirmed',
    'deletion_unconfirmed → deletion_failed',
    'deletion_unconfirmed → deleted',
  ],
  ...['pending_deletion → deletion_failed', 'deletion_failed → deletion_failed', 'deletion_failed → deleted'],
  ...[
    'deletion_failed → pending_deletion',
    'deletion_failed → deletion_unconfirmed',
    'sync success',
    'sync guarded',
  ],
  ...['sync unavailable', 'sync stopped', 'cleanup success', 'cleanup unavailable', 'auto-expiry success'],
  ...['auto-delete-stale success'],
];

describe('Whatever happens, in whatever order,', () => {
  it('every rule of the pool holds', async () => {
    const { failure, runs, eventCounts } = await checkWorlds({
      newTable: newFakeWorldTable,
      maxCommandCount: MAX_COMMAND_COUNT,
      replay: '--selectProjects unit --testPathPatterns properties/pool-properties',
      ...asAskedFor(RUNS),
    });

    expect(failure?.report).toBeUndefined();
    const missing = EVENTS.filter((event) => !eventCounts.has(event));
    expect(runs < RUNS_TO_SEE_ALL ? [] : missing).toEqual([]);
  }, 1_800_000);
});
