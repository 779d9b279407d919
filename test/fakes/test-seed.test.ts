import { testSeed } from './test-seed';

describe('testSeed', () => {
  it('is the fixed one unless the environment says otherwise', () => {
    expect(testSeed('SEED', 7, {})).toBe(7);
    expect(testSeed('SEED', 7, { SEED: '' })).toBe(7);
    expect(testSeed('SEED', 7, { SEED: '12' })).toBe(12);
  });

  it('is a new one each time when asked for random ones', () => {
    const seeds = Array.from({ length: 20 }, () => testSeed('SEED', 7, { SEED: 'random' }));

    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it('refuses anything else', () => {
    expect(() => testSeed('SEED', 7, { SEED: 'seven' })).toThrow('SEED must be a whole number or "random"');
  });
});
