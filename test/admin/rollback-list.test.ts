import { RollbackList } from '../../app/admin/rollback-list';
import { ValidationError } from '../../app/errors';
import type { RollbackEntry } from '../../app/store/rollback-history';
import { FakeClock } from '../fakes/fake-clock';
import { FakeRollbackHistory } from '../fakes/fake-rollback-history';

let history: FakeRollbackHistory;
let list: RollbackList;

beforeEach(() => {
  history = new FakeRollbackHistory();
  list = new RollbackList(history, new FakeClock());
});

function entry(atMs: number, overrides: Partial<RollbackEntry> = {}): RollbackEntry {
  return {
    atMs,
    cause: { kind: 'person', name: 'Änne', reason: 'a test' },
    action: 'freeze',
    steps: [{ step: 'jobs_runner', outcome: 'done', detail: 'none' }],
    durationMs: 5,
    attempts: 1,
    isFinished: true,
    ...overrides,
  };
}

const SERVICE_STEP = { step: 'worker_service', outcome: 'done', detail: '0 (was 1)' } as const;

async function save(...entries: RollbackEntry[]): Promise<void> {
  for (const one of entries) await history.save(one);
}

describe('the pages of the history', () => {
  it('show every entry once, newest first, however small they are', async () => {
    await save(...[1, 2, 3, 4, 5].map((second) => entry(second * 1_000)));

    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await list.page(2, cursor);
      seen.push(...page.items.map(({ atMs }) => atMs));
      cursor = page.cursor;
      // It goes into a URL as it is.
      expect(cursor ?? '').toMatch(/^[\w-]*$/);
    } while (cursor !== undefined);

    expect(seen).toEqual([5_000, 4_000, 3_000, 2_000, 1_000]);
  });

  it.each([
    'garbage',
    '',
    Buffer.from('SBX#1').toString('base64url'),
    Buffer.from('2026-11-23T18:00:00.000Z#robot#x').toString('base64url'),
  ])('refuse the cursor %j, which is none', async (cursor) => {
    await expect(list.page(2, cursor)).rejects.toThrow(ValidationError);
  });
});

describe('what stopped the worker', () => {
  it('is nothing in an empty history', async () => {
    expect(await list.workerStop()).toBeUndefined();
  });

  it('is the last rollback, however much was done to the jobs since', async () => {
    const stop = entry(1_000, { action: 'rollback_worker', steps: [SERVICE_STEP] });
    await save(stop, ...Array.from({ length: 230 }, (_, index) => entry(2_000 + index)));

    expect(await list.workerStop()).toEqual(stop);
  });

  it('is nothing any more once somebody has resumed it', async () => {
    await save(
      entry(1_000, { action: 'rollback_worker', steps: [SERVICE_STEP] }),
      entry(2_000, { action: 'resume_worker', steps: [SERVICE_STEP] }),
    );

    expect(await list.workerStop()).toBeUndefined();
  });

  it('is told by no entry from the future, which would hide what was done since', async () => {
    const now = new FakeClock().nowMs();
    const stop = entry(now - 2_000, { action: 'rollback_worker', steps: [SERVICE_STEP] });
    const resume: Partial<RollbackEntry> = { action: 'resume_worker', steps: [SERVICE_STEP] };
    await save(stop, entry(now + 86_400_000, resume));
    expect(await list.workerStop()).toEqual(stop);

    await save(
      entry(now - 1_000, resume),
      entry(now + 2 * 86_400_000, { action: 'rollback_worker', steps: [SERVICE_STEP] }),
    );
    expect(await list.workerStop()).toBeUndefined();
  });

  it('is nothing in the local system, where a rollback leaves the worker process alone', async () => {
    await save(entry(1_000, { action: 'rollback_worker' }));

    expect(await list.workerStop()).toBeUndefined();
  });
});
