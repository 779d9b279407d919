import { runScenarios, type RunOptions } from '../../bench/run-scenarios';
import type { Scenario } from '../../bench/scenario';

const OPTIONS: RunOptions = {
  isQuick: true,
  bundleDirectory: 'bundles',
  signal: new AbortController().signal,
  progress: () => undefined,
  onResult: () => undefined,
};

function scenario(name: string, run: Scenario['run']): Scenario {
  return { name, title: name, run };
}

const measures = (name: string): Scenario =>
  scenario(name, () => Promise.resolve({ columns: [], rows: [], notes: [], values: { one: 1 } }));

const fails = scenario('broken', () => Promise.reject(new Error('no engine')));

describe('runScenarios', () => {
  it('keeps what was measured before a scenario failed, and names that one', async () => {
    const { records, failure } = await runScenarios([measures('first'), fails, measures('last')], OPTIONS);

    expect(records.map(({ name }) => name)).toEqual(['first']);
    expect(failure).toEqual({ scenario: 'broken', cause: new Error('no engine') });
  });

  it('names none when all went well', async () => {
    expect((await runScenarios([measures('first'), measures('last')], OPTIONS)).failure).toBeUndefined();
  });

  it('is broken off by its signal', async () => {
    const signal = AbortSignal.abort(new Error('Ctrl-C'));

    await expect(runScenarios([measures('first')], { ...OPTIONS, signal })).rejects.toThrow('Ctrl-C');
  });
});
