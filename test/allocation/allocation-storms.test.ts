import { FakeClock } from '../fakes/fake-clock';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import { describeStorms } from './describe-storms';

describeStorms(
  'a table in memory',
  (pool, indexLagMs) => {
    const clock = new FakeClock();
    const store = new FakeSandboxStore({ clock, indexLagMs });
    store.seed({ sandboxes: pool });
    return Promise.resolve({
      store,
      clock,
      contents: () => Promise.resolve(store.contents()),
      pass: (promise) => clock.passUntil(promise),
    });
  },
  { callerCount: 100, latencyMs: 20, retryDelayMs: 1_000 },
);
