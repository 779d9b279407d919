import { RunnerSwitch } from '../../app/jobs/runner-switch';
import { FakeClock } from '../fakes/fake-clock';
import { FakeJobStore } from '../fakes/fake-job-store';
import { recordingLogger, silentLogger } from '../fakes/loggers';

let clock: FakeClock;
let store: FakeJobStore;

beforeEach(() => {
  clock = new FakeClock();
  store = new FakeJobStore();
});

const switchOf = (me: 'worker' | 'api'): RunnerSwitch => new RunnerSwitch(me, store, clock, silentLogger);

describe('RunnerSwitch', () => {
  it.each([
    [undefined, true, false],
    ['worker', true, false],
    ['api', false, true],
    ['none', false, false],
  ] as const)('at %s: the worker’s turn is %s, the API’s %s', async (runner, worker, api) => {
    if (runner) await store.setControl({ runner });

    expect(await switchOf('worker').isOurTurn()).toBe(worker);
    expect(await switchOf('api').isOurTurn()).toBe(api);
  });

  it('is nobody’s turn at a runner that this release does not know, or a word that makes no sense', async () => {
    await store.setControl({ runner: 'worker' });
    const ours = switchOf('worker');
    expect(await ours.isOurTurn()).toBe(true);

    await store.setControl({ runner: 'unknown', storedRunner: 'batch' });
    await clock.advance(8_500);
    expect(await ours.isOurTurn()).toBe(false);
    await store.setControl({ runner: 'worker' });
    await clock.advance(8_500);
    expect(await ours.isOurTurn()).toBe(true);
    store.unreadable.add('CONTROL#jobs');
    await clock.advance(8_500);
    expect(await ours.isOurTurn()).toBe(false);
  });

  it('reads the table at most once in 8.5 s, however often it is asked', async () => {
    const ours = switchOf('worker');
    for (let passedMs = 0; passedMs < 85_000; passedMs += 100) {
      await ours.isOurTurn();
      await clock.advance(100);
    }

    expect(store.callCount('getControl')).toBe(10);
  });

  it('knows of it as soon when the clock was set back meanwhile', async () => {
    const ours = switchOf('worker');
    await ours.isOurTurn();
    await store.setControl({ runner: 'none' });
    clock.setBack(3_600_000);

    await clock.advance(8_500);

    expect(await ours.isOurTurn()).toBe(false);
  });

  it('knows of a change within 8.5 s, either way', async () => {
    const ours = switchOf('api');
    expect(await ours.isOurTurn()).toBe(false);

    await store.setControl({ runner: 'api' });
    await clock.advance(8_499);
    expect(await ours.isOurTurn()).toBe(false);
    await clock.advance(1);
    expect(await ours.isOurTurn()).toBe(true);

    await store.setControl({ runner: 'none' });
    await clock.advance(8_500);
    expect(await ours.isOurTurn()).toBe(false);
  });

  it.each([
    ['api', true],
    ['worker', false],
    ['none', false],
  ] as const)('stays with %s while the word cannot be read, and tries again', async (runner, isApisTurn) => {
    await store.setControl({ runner });
    const ours = switchOf('api');
    await ours.isOurTurn();
    store.failing.add('getControl');
    await store.setControl({ runner: runner === 'api' ? 'worker' : 'api' });

    for (let time = 0; time < 5; time += 1) {
      await clock.advance(10_000);
      expect(await ours.isOurTurn()).toBe(isApisTurn);
    }

    store.failing.clear();
    await clock.advance(10_000);
    expect(await ours.isOurTurn()).toBe(!isApisTurn);
  });

  it('is nobody’s turn until it has been read once, the worker’s neither', async () => {
    store.failing.add('getControl');
    const ours = switchOf('worker');
    expect(await ours.isOurTurn()).toBe(false);

    store.failing.clear();
    await clock.advance(8_500);
    expect(await ours.isOurTurn()).toBe(true);
  });

  it('tells people of a change, with its reason, and of nothing else', async () => {
    const { logger, lines } = recordingLogger();
    const ours = new RunnerSwitch('api', store, clock, logger);
    await ours.isOurTurn();
    await clock.advance(10_000);
    await ours.isOurTurn();
    await store.setControl({ runner: 'api', reason: 'Incident 7' });
    await clock.advance(10_000);
    await ours.isOurTurn();

    expect(lines).toMatchObject([{ runner: 'worker' }, { runner: 'api', reason: 'Incident 7' }]);
  });
});
