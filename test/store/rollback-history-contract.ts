/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import type { RollbackEntry, RollbackHistory, StoredRollbackEntry } from '../../app/store/rollback-history';

const AT_MS = Date.UTC(2026, 4, 1, 12, 0, 0, 985);

/** An entry with every part. */
export function sampleEntry(overrides: Partial<RollbackEntry> = {}): RollbackEntry {
  return {
    atMs: AT_MS,
    cause: { kind: 'alarm', name: 'sandbox-broker-dev-worker-cpu-high', reason: 'Threshold Crossed' },
    action: 'rollback_worker',
    steps: [
      { step: 'worker_service', outcome: 'done', detail: 'desired 0 (was 1)' },
      { step: 'jobs_runner', outcome: 'failed', detail: 'no answer' },
    ],
    durationMs: 2_345,
    attempts: 1,
    announcedFailures: ['jobs_runner'],
    isFinished: false,
    ...overrides,
  };
}

/** What a {@link RollbackHistory} promises, whatever it is made of. */
export function describeRollbackHistory(name: string, newHistory: () => Promise<RollbackHistory>): void {
  let history: RollbackHistory;

  beforeEach(async () => {
    history = await newHistory();
  });

  async function listAll(limit: number): Promise<StoredRollbackEntry[]> {
    const entries: StoredRollbackEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await history.list({ limit, cursor });
      entries.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return entries;
  }

  describe(`${name}, entries`, () => {
    it('gives back an entry as it was saved', async () => {
      expect(await history.save(sampleEntry())).toBe(true);

      expect(await history.get(sampleEntry())).toEqual(sampleEntry());
    });

    it('gives back an entry that nobody was told of yet, and one without failures', async () => {
      const untold = sampleEntry({ announcedFailures: undefined });
      const finished = sampleEntry({ atMs: AT_MS + 1, announcedFailures: [], isFinished: true });
      await history.save(untold);
      await history.save(finished);

      expect(await history.get(untold)).toEqual(untold);
      expect(await history.get(finished)).toEqual(finished);
    });

    it('finds an entry by its time and who caused it, whatever the reason', async () => {
      await history.save(sampleEntry());
      const { atMs, cause } = sampleEntry();

      expect(await history.get({ atMs, cause: { ...cause, reason: 'another' } })).toBeDefined();
      expect(await history.get({ atMs: atMs + 1, cause })).toBeUndefined();
      expect(await history.get({ atMs, cause: { ...cause, name: 'ada' } })).toBeUndefined();
      expect(await history.get({ atMs, cause: { ...cause, kind: 'person' } })).toBeUndefined();
    });

    it('replaces an unfinished entry, whole', async () => {
      await history.save(sampleEntry());
      const finished = sampleEntry({ attempts: 2, announcedFailures: undefined, isFinished: true });

      expect(await history.save(finished)).toBe(true);

      expect(await history.get(finished)).toEqual(finished);
      expect(await listAll(10)).toHaveLength(1);
    });

    it('leaves a finished entry as it is, whatever comes after', async () => {
      const finished = sampleEntry({ isFinished: true });
      await history.save(finished);

      expect(await history.save(sampleEntry({ attempts: 2 }))).toBe(false);
      expect(await history.save(sampleEntry({ attempts: 3, isFinished: true }))).toBe(false);

      expect(await history.get(finished)).toEqual(finished);
    });

    it('knows its own entry again when the answer to writing it was lost', async () => {
      await history.save(sampleEntry({ attempts: 2, isFinished: true }));

      expect(await history.save(sampleEntry({ attempts: 2, isFinished: true }))).toBe(true);
      expect(await history.save(sampleEntry({ attempts: 3, isFinished: true }))).toBe(false);
    });

    it('lets one of many finish an entry', async () => {
      const saved = await Promise.all(
        Array.from({ length: 10 }, (_, attempts) =>
          history.save(sampleEntry({ attempts, isFinished: true })),
        ),
      );

      expect(saved.filter((isSaved) => isSaved)).toHaveLength(1);
    });
  });

  describe(`${name}, listing`, () => {
    const entries = Array.from({ length: 7 }, (_, index) =>
      sampleEntry({ atMs: AT_MS + index * 86_400_000, attempts: index + 1 }),
    );
    const newestFirst = [...entries].reverse();

    beforeEach(async () => {
      // Not in the order of their times.
      for (const entry of [...entries.slice(3), ...entries.slice(0, 3)]) await history.save(entry);
    });

    it.each([1, 3, 7, 100])('tells all entries once, newest first, in pages of %d', async (limit) => {
      expect(await listAll(limit)).toEqual(newestFirst);
    });

    it('gives no more than was asked for', async () => {
      expect((await history.list({ limit: 2 })).items).toEqual(newestFirst.slice(0, 2));
    });

    it('keeps apart what two caused in the same millisecond', async () => {
      await history.save(sampleEntry({ cause: { kind: 'person', name: 'ada', reason: 'Incident 7' } }));

      expect(await listAll(3)).toHaveLength(8);
    });
  });

  it(`${name} lists nothing where nothing was done`, async () => {
    expect(await listAll(10)).toEqual([]);
  });
}
