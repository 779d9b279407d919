import { falseEmptiness } from './false-emptiness';

const ANSWER = { prefix: undefined, sentAtMs: 100_000, endedAtMs: 100_600 };

/** A pool in which one sandbox has been available since then. */
function restingSince(sinceMs: number): { restingFrom: (fromMs: number) => string[] } {
  return { restingFrom: (fromMs) => (sinceMs <= fromMs ? ['1'] : []) };
}

describe('falseEmptiness', () => {
  it('finds a "there is none" while one had lain there for long', () => {
    expect(falseEmptiness(ANSWER, restingSince(88_000), [])).toEqual([
      'a caller was told that there is no sandbox, while 1 lay there for 12000 ms, such as 1',
    ]);
  });

  it('allows it while all that is there has just come', () => {
    expect(falseEmptiness(ANSWER, restingSince(88_001), [])).toEqual([]);
  });

  it('allows more when a process stood still shortly before', () => {
    expect(falseEmptiness(ANSWER, restingSince(88_000), [{ fromMs: 95_000, toMs: 96_000 }])).toEqual([]);
    expect(falseEmptiness(ANSWER, restingSince(80_000), [{ fromMs: 95_000, toMs: 96_000 }])).toHaveLength(1);
    expect(falseEmptiness(ANSWER, restingSince(88_000), [{ fromMs: 60_000, toMs: 70_000 }])).toHaveLength(1);
  });
});
