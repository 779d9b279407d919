/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import {
  JOB_NAMES,
  JOB_OUTCOMES,
  JOBS_RUNNERS,
  type JobRun,
  type JobsControl,
  type JobStore,
  type Lease,
} from '../../app/store/job-store';

const NOW_MS = 1_700_000_000_000;
const TTL_MS = 60_000;

/** A run with every part. */
export function sampleRun(overrides: Partial<JobRun> = {}): JobRun {
  return {
    job: 'cleanup',
    startedAt: 1_700_000_000,
    durationMs: 1_234,
    outcome: 'success',
    counts: { deleted: 3, failed: 0 },
    error: 'in words for people',
    runBy: 'worker/host/1/abcd',
    nextDueAt: 1_700_000_310,
    lastSuccessAt: 1_700_000_000,
    ...overrides,
  };
}

/** What a {@link JobStore} promises, whatever it is made of. */
export function describeJobStore(name: string, newStore: () => Promise<JobStore>): void {
  let store: JobStore;

  beforeEach(async () => {
    store = await newStore();
  });

  async function take(holder: string, nowMs = NOW_MS, ttlMs = TTL_MS): Promise<Lease> {
    const lease = await store.acquireLease('cleanup', holder, nowMs, ttlMs);
    if (!lease) throw new Error(`${holder} did not get the lease`);
    return lease;
  }

  describe(`${name}, leases`, () => {
    it('gives a free lease to the one who asks, and says who has it', async () => {
      const lease = await take('a');

      expect(lease).toEqual({ job: 'cleanup', holder: 'a', fencingNumber: 1, expiresAtMs: NOW_MS + TTL_MS });
      expect(await store.getLease('cleanup', NOW_MS)).toEqual(lease);
    });

    it('knows nobody where nobody ever asked', async () => {
      expect(await store.getLease('cleanup', NOW_MS)).toBeUndefined();
    });

    it('refuses a held lease to everybody until its very last millisecond, its own holder included', async () => {
      const lease = await take('a');
      const lastMs = lease.expiresAtMs - 1;

      expect(await store.acquireLease('cleanup', 'b', lastMs, TTL_MS)).toBeUndefined();
      expect(await store.getLease('cleanup', lastMs)).toEqual(lease);
    });

    it('gives it anew to the one who has it, who may never have got the answer', async () => {
      const lost = await take('a');

      const lease = await take('a', NOW_MS + 1_000);

      expect(lease).toMatchObject({ fencingNumber: 2, expiresAtMs: NOW_MS + 1_000 + TTL_MS });
      expect(await store.renewLease(lost, NOW_MS + 2_000, TTL_MS)).toBeUndefined();
    });

    it('gives an expired lease away at exactly the time that it ends', async () => {
      const { expiresAtMs } = await take('a');

      expect(await store.getLease('cleanup', expiresAtMs)).toBeUndefined();
      expect(await store.acquireLease('cleanup', 'b', expiresAtMs, TTL_MS)).toEqual({
        job: 'cleanup',
        holder: 'b',
        fencingNumber: 2,
        expiresAtMs: expiresAtMs + TTL_MS,
      });
    });

    it('counts its holders up, over releases and expiries', async () => {
      const first = await take('a');
      await store.releaseLease(first);
      const second = await take('a');
      const third = await take('b', second.expiresAtMs);

      expect([first, second, third].map(({ fencingNumber }) => fencingNumber)).toEqual([1, 2, 3]);
    });

    it('gives it to exactly one of many who ask at once', async () => {
      const holders = Array.from({ length: 20 }, (_, index) => `holder-${index}`);
      const leases = await Promise.all(
        holders.map((holder) => store.acquireLease('cleanup', holder, NOW_MS, TTL_MS)),
      );

      expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    it('keeps the jobs’ leases apart', async () => {
      const leases = await Promise.all(
        JOB_NAMES.map((job) => store.acquireLease(job, `holder of ${job}`, NOW_MS, TTL_MS)),
      );

      expect(leases.map((lease) => lease?.job)).toEqual(JOB_NAMES);
      expect((await store.getLease('sync', NOW_MS))?.holder).toBe('holder of sync');
    });

    it('prolongs a lease for its holder, with the same fencing number', async () => {
      const lease = await take('a');
      const laterMs = NOW_MS + 20_000;

      const renewed = await store.renewLease(lease, laterMs, TTL_MS);

      expect(renewed).toEqual({ ...lease, expiresAtMs: laterMs + TTL_MS });
      expect(await store.getLease('cleanup', lease.expiresAtMs)).toEqual(renewed);
    });

    it('prolongs what was prolonged before, even from the lease as it was first given', async () => {
      const lease = await take('a');
      await store.renewLease(lease, NOW_MS + 20_000, TTL_MS);

      expect(await store.renewLease(lease, NOW_MS + 70_000, TTL_MS)).toMatchObject({
        expiresAtMs: NOW_MS + 130_000,
      });
    });

    it('does not prolong a lease that is over, at exactly its time, even if nobody has taken it', async () => {
      const lease = await take('a');

      expect(await store.renewLease(lease, lease.expiresAtMs, TTL_MS)).toBeUndefined();
      expect(await store.getLease('cleanup', lease.expiresAtMs)).toBeUndefined();
      expect(await store.renewLease(lease, lease.expiresAtMs - 1, TTL_MS)).toBeDefined();
    });

    it.each(['b', 'a'])('does not prolong a lease that went to a later holder (%s)', async (next) => {
      const lease = await take('a');
      const taken = await take(next, lease.expiresAtMs);

      expect(await store.renewLease(lease, lease.expiresAtMs + 1, TTL_MS)).toBeUndefined();
      expect(await store.getLease('cleanup', lease.expiresAtMs + 1)).toEqual(taken);
    });

    it('does not prolong a lease that was given back', async () => {
      const lease = await take('a');
      await store.releaseLease(lease);

      expect(await store.renewLease(lease, NOW_MS + 1, TTL_MS)).toBeUndefined();
    });

    it('takes a lease back from its holder at once', async () => {
      await store.releaseLease(await take('a'));

      expect(await store.getLease('cleanup', NOW_MS)).toBeUndefined();
      expect(await store.acquireLease('cleanup', 'b', NOW_MS, TTL_MS)).toMatchObject({ fencingNumber: 2 });
    });

    it.each(['b', 'a'])('leaves a lease alone that went to a later holder (%s)', async (next) => {
      const lease = await take('a');
      const taken = await take(next, lease.expiresAtMs);

      await store.releaseLease(lease);

      expect(await store.getLease('cleanup', taken.expiresAtMs - 1)).toEqual(taken);
    });

    it('may be given back what nobody holds', async () => {
      const lease = await take('a');
      await store.releaseLease(lease);
      await store.releaseLease(lease);
      await store.releaseLease({ ...lease, job: 'sync' });

      expect(await store.getLease('sync', 0)).toBeUndefined();
      expect(await store.acquireLease('sync', 'b', NOW_MS, TTL_MS)).toMatchObject({ fencingNumber: 1 });
    });
  });

  describe(`${name}, runs`, () => {
    it('knows none of a job that never ran', async () => {
      expect(await store.getRun('cleanup')).toBeUndefined();
    });

    it.each(JOB_OUTCOMES)('gives back a run that ended with %s as it was', async (outcome) => {
      const lease = await take('a');
      const run = sampleRun({ outcome });

      expect(await store.recordRun(run, lease)).toBe(true);

      expect(await store.getRun('cleanup')).toEqual(run);
    });

    it('gives back a run without error, counts or success', async () => {
      const run = sampleRun({ counts: {}, error: undefined, lastSuccessAt: undefined });
      await store.recordRun(run, await take('a'));

      expect(await store.getRun('cleanup')).toEqual(run);
    });

    it('keeps only the last run of a job, whole, and the jobs apart', async () => {
      const lease = await take('a');
      await store.recordRun(sampleRun(), lease);
      const second = sampleRun({ counts: { expired: 1 }, error: undefined, nextDueAt: 1_700_000_900 });

      expect(await store.recordRun(second, lease)).toBe(true);

      expect(await store.getRun('cleanup')).toEqual(second);
      expect(await store.getRun('sync')).toBeUndefined();
    });

    it('refuses the run of one who was replaced, once the later holder has recorded', async () => {
      const old = await take('a');
      const replacement = await take('b', old.expiresAtMs);
      const theirs = sampleRun({ runBy: 'b' });
      await store.recordRun(theirs, replacement);

      expect(await store.recordRun(sampleRun({ runBy: 'a' }), old)).toBe(false);

      expect(await store.getRun('cleanup')).toEqual(theirs);
    });

    it('takes the run of one who was replaced, as long as the later holder has none', async () => {
      const old = await take('a');
      await take('b', old.expiresAtMs);

      expect(await store.recordRun(sampleRun({ runBy: 'a' }), old)).toBe(true);

      expect((await store.getRun('cleanup'))?.runBy).toBe('a');
    });
  });

  describe(`${name}, who runs the jobs`, () => {
    it('says the worker when nobody has said otherwise', async () => {
      expect(await store.getControl()).toEqual({ runner: 'worker' });
    });

    it.each(JOBS_RUNNERS)('gives back the word that %s runs them, with its reason', async (runner) => {
      const control = { runner, since: 1_700_000_000, changedBy: 'ada', reason: 'Incident 7' };
      await store.setControl(control);

      expect(await store.getControl()).toEqual(control);
    });

    it('keeps the last word only, with nothing left of the one before', async () => {
      await store.setControl({ runner: 'api', since: 1, changedBy: 'ada', reason: 'Incident 7' });
      await store.setControl({ runner: 'none' });

      expect(await store.getControl()).toEqual({ runner: 'none' });
    });

    it('gives back what automation said, and when a person last had a say', async () => {
      const control = { runner: 'api', since: 2, byAutomation: true, personChangedAt: 1 } as const;
      await store.setControl(control);

      expect(await store.getControl()).toEqual(control);
    });

    const standing: JobsControl = {
      runner: 'api',
      since: 2,
      changedBy: 'alarm',
      reason: 'CPU',
      byAutomation: true,
      personChangedAt: 1,
    };
    const words: JobsControl[] = [
      { runner: 'worker' },
      { runner: 'none' },
      { runner: 'worker', since: 1, changedBy: 'ada', reason: 'Incident 7' },
      standing,
    ];

    it.each(words)('changes a word that is still as it was seen: $runner, since $since', async (seen) => {
      await store.setControl(seen);

      expect(await store.changeControl(await store.getControl(), { runner: 'api', since: 9 })).toBe(true);

      expect(await store.getControl()).toEqual({ runner: 'api', since: 9 });
    });

    it('changes the word that nobody has said yet', async () => {
      expect(await store.changeControl({ runner: 'worker' }, { runner: 'none' })).toBe(true);

      expect(await store.getControl()).toEqual({ runner: 'none' });
    });

    it.each<[string, Partial<JobsControl>]>([
      ['runner', { runner: 'none' }],
      ['time', { since: 3 }],
      ['missing time', { since: undefined }],
      ['name', { changedBy: 'bob' }],
      ['reason', { reason: 'another' }],
      ['missing reason', { reason: undefined }],
      ['person’s mark', { personChangedAt: 5 }],
      ['new person’s mark', { personChangedAt: undefined }],
      ['author', { byAutomation: undefined }],
    ])('keeps a word in which the %s was changed meanwhile', async (_what, change) => {
      await store.setControl({ ...standing, ...change });

      expect(await store.changeControl(standing, { runner: 'worker' })).toBe(false);

      expect(await store.getControl()).toEqual({ ...standing, ...change });
    });

    it('does not take a word for none that somebody else was the first to say', async () => {
      await store.setControl({ runner: 'api' });

      expect(await store.changeControl({ runner: 'worker' }, { runner: 'none' })).toBe(false);
    });

    it('knows its own word again when the answer to writing it was lost', async () => {
      const next = { runner: 'api', since: 9, changedBy: 'ada', reason: 'mended' } as const;
      await store.setControl(next);

      expect(await store.changeControl({ runner: 'worker' }, next)).toBe(true);
      expect(await store.changeControl({ runner: 'worker' }, { ...next, since: 8 })).toBe(false);
    });

    it('changes the word once for many who saw the same', async () => {
      const seen = await store.getControl();
      const changes = await Promise.all(
        Array.from({ length: 10 }, (_, since) => store.changeControl(seen, { runner: 'api', since })),
      );

      expect(changes.filter((isChanged) => isChanged)).toHaveLength(1);
    });
  });
}
