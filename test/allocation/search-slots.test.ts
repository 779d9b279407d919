import { SearchSlots } from '../../app/allocation/search-slots';
import { FakeClock } from '../fakes/fake-clock';

let clock: FakeClock;
let slots: SearchSlots;
/** The searches that have begun, in order. */
let begun: string[];

beforeEach(() => {
  clock = new FakeClock();
  slots = new SearchSlots(clock);
  begun = [];
});

/** A search that takes this long from when it may begin. */
async function search(name: string, isProved: boolean, durationMs: number): Promise<void> {
  const release = await slots.acquire(isProved);
  begun.push(name);
  await clock.sleep(durationMs);
  release();
}

describe('SearchSlots', () => {
  it('gives searches for prefixes that never found anything a third of the time, whatever their number', async () => {
    for (let index = 0; index < 100; index += 1) void search(`made-up-${index}`, false, 20);
    await clock.advance(599);

    expect(begun).toHaveLength(10);
  });

  it('lets a prefix that has found something begin in that pause', async () => {
    void search('made-up-1', false, 20);
    void search('made-up-2', false, 20);
    await clock.advance(21);
    void search('lab-', true, 20);
    await clock.advance(1);

    expect(begun).toEqual(['made-up-1', 'lab-']);
  });

  it('keeps a lone search waiting for nothing', async () => {
    void search('made-up-1', false, 20);
    await clock.advance(1_000);
    void search('made-up-2', false, 20);
    await clock.advance(0);

    expect(begun).toEqual(['made-up-1', 'made-up-2']);
  });
});
