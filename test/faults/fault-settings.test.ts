import { faultSettings } from './fault-settings';

describe('faultSettings', () => {
  it('takes the same seeds every time when none is asked for', () => {
    expect(faultSettings({})).toEqual({ seeds: [17, 18, 19], seconds: 25 });
  });

  it('deals new seeds when asked for random ones', () => {
    expect(faultSettings({ FAULT_SEED: 'random' }, () => 0.5)).toEqual({
      seeds: [500_000, 500_000, 500_000],
      seconds: 25,
    });
  });

  it('takes seeds and lengths as they are given', () => {
    expect(faultSettings({ FAULT_SEED: '7, 8', FAULT_SECONDS: '3600' })).toEqual({
      seeds: [7, 8],
      seconds: 3600,
    });
    expect(faultSettings({ FAULT_RUNS: '5' }).seeds).toHaveLength(5);
  });

  it('refuses what is no whole number', () => {
    expect(() => faultSettings({ FAULT_SEED: '7,x' })).toThrow('FAULT_SEED must be a whole number, not "x"');
    expect(() => faultSettings({ FAULT_SECONDS: '1.5' })).toThrow('FAULT_SECONDS');
  });
});
