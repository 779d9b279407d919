import { runScenarios, type RunOptions } from '../../bench/run-scenarios';
import type { Scenario, ScenarioResult } from '../../bench/scenario';

const RESULT: ScenarioResult = { columns: ['rate'], rows: [[1]], notes: [], values: { rate: 1 } };

const scenario = (name: string, run: Scenario['run']): Scenario => ({ name, title: name, run });

const ending = new AbortController();
const said: string[] = [];
const OPTIONS: RunOptions = {
  isQuick: true,
  signal: ending.signal,
  bundleDirectory: '',
  progress: ({ name }, message) => said.push(`${name}: ${message}`),
  onResult: ({ name }) => said.push(`${name} has ended`),
};

describe('runScenarios', () => {
  it('runs one after the other, tells of each, and shows later ones the results of earlier ones', async () => {
    const charts = [{ title: 'Rates', axis: 'per second', bars: [] }];
    const first = scenario('first', (context) => {
      context.progress('warming up');
      return Promise.resolve({ ...RESULT, values: { rate: 2 }, charts });
    });
    const second = scenario('second', (context) =>
      Promise.resolve({
        ...RESULT,
        values: {
          twice: 2 * (context.result('first')?.values.rate ?? 0),
          unknown: context.result('third') ? 1 : 0,
        },
      }),
    );

    const run = await runScenarios([first, second], OPTIONS);

    expect(run.records.map(({ values }) => values)).toEqual([{ rate: 2 }, { twice: 4, unknown: 0 }]);
    expect(run.charts).toEqual(charts);
    expect(said).toEqual([
      'first: starting',
      'first: warming up',
      'first has ended',
      'second: starting',
      'second has ended',
    ]);
  });

  it('ends with the scenario that fails', async () => {
    const after = jest.fn(() => Promise.resolve(RESULT));
    const failing = scenario('failing', () => Promise.reject(new Error('no engine')));

    await expect(runScenarios([failing, scenario('after', after)], OPTIONS)).rejects.toThrow('no engine');
    expect(after).not.toHaveBeenCalled();
  });

  it('starts nothing more once it is broken off', async () => {
    const after = jest.fn(() => Promise.resolve(RESULT));
    const breaking = scenario('breaking', () => {
      ending.abort(new Error('broken off'));
      return Promise.resolve(RESULT);
    });

    await expect(runScenarios([breaking, scenario('after', after)], OPTIONS)).rejects.toThrow('broken off');
    expect(after).not.toHaveBeenCalled();
  });
});
