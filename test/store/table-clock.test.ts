import { TableClock } from '../../app/store/table-clock';
import { FakeClock } from '../fakes/fake-clock';

const YEAR_MS = 365 * 86_400_000;

let base: FakeClock;
let corrections: number[];
let clock: TableClock;

beforeEach(() => {
  base = new FakeClock();
  corrections = [];
  clock = new TableClock(base, (offsetMs) => corrections.push(offsetMs));
});

/** The table answers twice, at a time that is this far from the process's own. */
function answer(offsetMs: number): void {
  clock.observe(base.nowMs() + offsetMs, clock.read());
  clock.observe(base.nowMs() + offsetMs, clock.read());
}

describe('TableClock', () => {
  it.each([-15_000, -1_000, 0, 999, 15_000])('leaves a clock alone that is %i ms off', (offsetMs) => {
    answer(offsetMs);

    expect(clock.nowMs()).toBe(base.nowMs());
    expect(corrections).toEqual([]);
  });

  it.each([-YEAR_MS, -16_000, 16_000, YEAR_MS])(
    'corrects a clock that is %i ms off, and says so once',
    (offsetMs) => {
      answer(offsetMs);
      answer(offsetMs + 900);

      expect(clock.nowMs()).toBe(base.nowMs() + offsetMs);
      expect(corrections).toEqual([offsetMs]);
    },
  );

  it('believes no single answer', () => {
    clock.observe(base.nowMs() + YEAR_MS);
    clock.observe(base.nowMs());
    clock.observe(base.nowMs() - YEAR_MS);

    expect(clock.nowMs()).toBe(base.nowMs());
  });

  it('ends the correction when the clock is right again', () => {
    answer(YEAR_MS);
    base.setBack(-YEAR_MS);
    answer(0);

    expect(clock.nowMs()).toBe(base.nowMs());
    expect(corrections).toEqual([YEAR_MS, 0]);
  });

  it('leaves out answers that were under way while the process stood still', async () => {
    for (let time = 0; time < 3; time += 1) {
      const askedAt = clock.read();
      const sentAtMs = base.nowMs();
      await base.advance(120_000);
      clock.observe(sentAtMs, askedAt);
    }

    expect(clock.nowMs()).toBe(base.nowMs());
  });

  it('leaves out what is no time', () => {
    clock.observe(Number.NaN);
    clock.observe(Number.NaN);

    expect(clock.nowMs()).toBe(base.nowMs());
  });

  it('measures how long something takes by the process’s own clock', async () => {
    const before = clock.monotonicMs();
    answer(YEAR_MS);
    await base.advance(1_000);

    expect(clock.monotonicMs() - before).toBe(1_000);
  });
});
