import { systemClock } from '../../app/allocation/clock';
import { describeStorms } from '../allocation/describe-storms';
import { LaggingIndexStore } from '../fakes/lagging-index-store';
import { EngineTables } from './engine-tables';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

describeStorms(
  'the engine',
  async (pool, indexLagMs) => {
    const { store, seed, contents } = await tables.newHarness();
    await seed({ sandboxes: pool });
    return {
      store: new LaggingIndexStore(store, systemClock, indexLagMs),
      clock: systemClock,
      contents,
      pass: (promise) => promise,
    };
  },
  { callerCount: 80, latencyMs: 4, retryDelayMs: 50 },
);
