import { shardOf } from '../../app/store/table';
import { FakeClock } from './fake-clock';
import { FakeSandboxStore } from './fake-sandbox-store';
import { LaggingIndexStore } from './lagging-index-store';
import { allocatedSandbox, availableSandbox, idsOfShard } from './sandbox-samples';

const LAG_MS = 2_000;
const SHARD = shardOf(availableSandbox().sandboxId);

describe('LaggingIndexStore', () => {
  const pool = idsOfShard(SHARD, 5).map((sandboxId, index) =>
    availableSandbox({ sandboxId, name: `lab-${index}`, queuePosition: index }),
  );
  const segments = [
    { by: 'queuePosition', shard: SHARD, from: 0, to: 10 },
    { by: 'name', shard: SHARD, prefix: 'lab-', descending: false },
  ] as const;

  function newBench(): { clock: FakeClock; store: LaggingIndexStore } {
    const clock = new FakeClock();
    const table = new FakeSandboxStore({ clock });
    table.seed({ sandboxes: pool });
    return { clock, store: new LaggingIndexStore(table, clock, () => LAG_MS) };
  }

  async function take(store: LaggingIndexStore, index: number): Promise<string> {
    const candidate = pool[index] ?? availableSandbox();
    const { sandboxId } = candidate;
    const allocation = { ...allocatedSandbox().allocation, idempotencyKey: sandboxId };
    return (await store.allocate(candidate, allocatedSandbox({ sandboxId, allocation }))).kind;
  }

  it.each(segments)('goes on listing what was taken for a while, by $by', async (segment) => {
    const { clock, store } = newBench();
    const listed = async (limit: number): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.findAvailable(segment, { limit, cursor });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        ids.push(...page.items.map(({ sandboxId }) => sandboxId));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return ids.sort();
    };
    const all = pool.map(({ sandboxId }) => sandboxId).sort();

    expect([await take(store, 1), await take(store, 2), await take(store, 3)]).toEqual(
      Array(3).fill('allocated'),
    );
    await clock.advance(LAG_MS - 1);
    expect(await listed(1)).toEqual(all);
    expect(await listed(100)).toEqual(all);

    await clock.advance(1);
    expect(await listed(1)).toEqual([pool[0]?.sandboxId, pool[4]?.sandboxId]);
  });

  it('lets nobody take what it lists by mistake', async () => {
    const { store } = newBench();
    await take(store, 1);
    const candidate = pool[1] ?? availableSandbox();
    const theirs = { ...allocatedSandbox().allocation, caller: 'late' };

    const outcome = await store.allocate(
      candidate,
      allocatedSandbox({ sandboxId: candidate.sandboxId, allocation: theirs }),
    );

    expect(outcome).toEqual({ kind: 'candidate_taken' });
  });
});
