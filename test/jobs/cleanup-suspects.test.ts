import { CleanupJob, type CleanupOptions } from '../../app/jobs/cleanup-job';
import { pendingDeletionSandbox } from '../fakes/sandbox-samples';
import { seededRandom } from '../fakes/seeded-random';
import { JobPool } from './job-pool';

/* A deletion that fails while the portal answers: a suspicion first, and a charge only when others fare better. */

const OPTIONS: CleanupOptions = { batchSize: 10, batchDelayMs: 0, perSandboxDelayMs: 0, maxAttempts: 3 };
const ATTEMPTS_PER_CALL = 3;

const NO_COUNTS = { deleted: 0, unconfirmed: 0, failed: 0, postponed: 0, skipped: 0 };

let pool: JobPool;

beforeEach(() => {
  pool = new JobPool();
});

/** That many due rows, in the portal too; those that begin with `bad` cannot be deleted. */
function seedDue({ good, bad }: { good: number; bad: number }): void {
  const names = [
    ...Array.from({ length: good }, (_, index) => `good-${index}`),
    ...Array.from({ length: bad }, (_, index) => `bad-${index}`),
  ];
  pool.seedBoth(
    ...names.map((name) =>
      pendingDeletionSandbox({ sandboxId: name, externalId: `a/${name}`, deletionRetryCount: 0 }),
    ),
  );
  pool.csp.answer = (call, externalId) =>
    call === 'delete' && externalId?.startsWith('a/bad') ? 500 : undefined;
}

function cleanup(seed = 1): CleanupJob {
  return new CleanupJob({ ...pool.tools, random: seededRandom(seed) }, OPTIONS);
}

/** Deletions asked for, in order; the attempts of one call count once. */
function callsInOrder(): string[] {
  const calls: string[] = [];
  pool.csp.before = (call, externalId) => {
    if (call === 'delete') calls.push(externalId ?? '');
  };
  return calls;
}

const retryCounts = (): number[] =>
  pool.rows
    .contents()
    .sandboxes.flatMap((row) => (row.status === 'deletion_failed' ? [row.deletionRetryCount] : []));

describe('CleanupJob, on a suspect', () => {
  it.each([1, 2, 3, 4, 5])(
    'charges it once among many others, wherever chance puts it (%i)',
    async (seed) => {
      seedDue({ good: 20, bad: 1 });

      expect(await pool.run(cleanup(seed))).toEqual({
        outcome: 'success',
        counts: { ...NO_COUNTS, deleted: 20, failed: 1 },
      });
      expect(retryCounts()).toEqual([1]);
      expect(pool.csp.deleteAttempts.length).toBeLessThanOrEqual(20 + 2 * ATTEMPTS_PER_CALL);
    },
  );

  it('tries it again after another has been deleted, and charges nothing if it works then', async () => {
    seedDue({ good: 5, bad: 0 });
    const calls = callsInOrder();
    let failures = 0;
    pool.csp.answer = (call) => {
      if (call === 'list' || failures === ATTEMPTS_PER_CALL) return undefined;
      failures += 1;
      return 500;
    };

    expect(await pool.run(cleanup())).toEqual({
      outcome: 'success',
      counts: { ...NO_COUNTS, deleted: 5 },
    });
    expect(calls[2]).toBe(calls[0]);
    expect(calls).toHaveLength(6);
  });

  it.each([1, 2])('charges %i that are all there is, when the portal answers otherwise', async (bad) => {
    seedDue({ good: 0, bad });

    expect(await pool.run(cleanup())).toMatchObject({ outcome: 'success', counts: { failed: bad } });
    expect(retryCounts()).toHaveLength(bad);
  });

  it.each([3, 10])('charges none of %i that all fail: that is not their fault', async (bad) => {
    seedDue({ good: 0, bad });

    expect(await pool.run(cleanup())).toMatchObject({
      outcome: 'unavailable',
      counts: { deleted: 0, failed: 0, postponed: bad },
    });
    expect(retryCounts()).toEqual([]);
    expect(pool.csp.calls.delete).toBe(3);
  });

  it('counts the failures in a row anew after each success', async () => {
    seedDue({ good: 40, bad: 6 });

    for (let seed = 1; seed <= 10; seed += 1) await pool.run(cleanup(seed));

    expect(pool.statuses()).toEqual({ deleted: 40, deletion_failed: 6 });
    expect(retryCounts()).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('does not let a few stubborn ones keep the others waiting', async () => {
    seedDue({ good: 3, bad: 10 });

    for (let seed = 1; seed <= 60 && (pool.statuses().deleted ?? 0) < 3; seed += 1) {
      await pool.run(cleanup(seed));
    }

    expect(pool.statuses().deleted).toBe(3);
  });

  it('takes what is due in an order that is another one each time', async () => {
    const firsts = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      pool = new JobPool();
      seedDue({ good: 10, bad: 0 });
      await pool.run(cleanup(seed));
      firsts.add(pool.csp.deleted[0] ?? '');
    }

    expect(firsts.size).toBeGreaterThan(3);
  });

  it('asks for the list after each failure, and for nothing more often than that', async () => {
    seedDue({ good: 10, bad: 1 });

    await pool.run(cleanup());

    // Once before the first deletion, and after each of the two failures.
    expect(pool.csp.calls.list).toBeLessThanOrEqual(3);
    expect(pool.csp.calls.list).toBeGreaterThanOrEqual(2);
  });

  it('charges nobody when it is told to stop with a suspect in hand', async () => {
    seedDue({ good: 0, bad: 2 });
    const abort = new AbortController();
    pool.csp.before = (call) => {
      if (call === 'delete') abort.abort();
    };

    const report = await pool.run(cleanup(), { signal: abort.signal });

    expect(report).toMatchObject({ outcome: 'stopped', counts: { failed: 0, postponed: 2 } });
    expect(retryCounts()).toEqual([]);
  });

  it('says that it was stopped, and deletes nothing, when it is told so while it asks for the list', async () => {
    seedDue({ good: 3, bad: 0 });
    const abort = new AbortController();
    pool.csp.before = () => {
      abort.abort();
    };

    const report = await pool.run(cleanup(), { signal: abort.signal });

    expect(report).toEqual({ outcome: 'stopped', counts: { ...NO_COUNTS, postponed: 3 } });
    expect(pool.csp.deleteAttempts).toEqual([]);
  });
});
