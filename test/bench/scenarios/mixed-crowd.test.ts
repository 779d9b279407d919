import { mix } from '../../../bench/scenarios/mixed-crowd';

describe('mix', () => {
  const many = Array.from({ length: 900 }, (_, index) => `holder-${index}`);
  const few = Array.from({ length: 100 }, (_, index) => `newcomer-${index}`);

  it('has everyone once', () => {
    expect(mix(many, few).sort()).toEqual([...many, ...few].sort());
  });

  it('gives two API processes in turn as many newcomers each, from the first to the last', () => {
    const places = mix(many, few).flatMap((caller, lane) => (caller.startsWith('newcomer') ? [lane] : []));

    expect(places.filter((lane) => lane % 2 === 0)).toHaveLength(50);
    expect(places.filter((lane) => lane < 500)).toHaveLength(50);
  });
});
