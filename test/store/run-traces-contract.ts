/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import type { JobStore, Lease } from '../../app/store/job-store';
import { sampleRun } from './job-store-contract';

const NOW_MS = 1_700_000_000_000;
const TTL_MS = 60_000;

/** What a {@link JobStore} promises to those who follow a run, whatever it is made of. */
export function describeRunTraces(name: string, newStore: () => Promise<JobStore>): void {
  let store: JobStore;

  beforeEach(async () => {
    store = await newStore();
  });

  async function take(holder: string): Promise<Lease> {
    const lease = await store.acquireLease('cleanup', holder, NOW_MS, TTL_MS);
    if (!lease) throw new Error(`${holder} did not get the lease`);
    return lease;
  }

  describe(`${name}, traces of runs`, () => {
    it('are none of a job that never ran', async () => {
      expect(await store.getRunTraces('cleanup')).toEqual({});
    });

    it('are the newest lease, and the newest record with the number of the lease under which it was made', async () => {
      const first = await take('a');
      const run = sampleRun({ runBy: 'a' });
      await store.recordRun(run, first);
      expect(await store.getRunTraces('cleanup')).toEqual({
        lease: first,
        recorded: { run, fencingNumber: 1 },
      });

      await store.releaseLease(first);
      const second = await take('b');

      expect(await store.getRunTraces('cleanup')).toEqual({
        lease: second,
        recorded: { run, fencingNumber: 1 },
      });
    });

    it('have the lease that was given back, as one that is over', async () => {
      const lease = await take('a');
      await store.releaseLease(lease);

      expect(await store.getRunTraces('cleanup')).toEqual({ lease: { ...lease, expiresAtMs: 0 } });
    });
  });
}
