import { ManualRollback } from '../../alarms/rollback/manual-rollback';
import { localReport, localRollbackDependencies, type WantedWorkers } from '../../cli/local-rollback';
import { workerCommand } from '../../cli/worker-command';
import { FakeJobStore } from '../fakes/fake-job-store';
import { FakeRollbackHistory } from '../fakes/fake-rollback-history';
import { silentLogger } from '../fakes/loggers';
import { CliWorld } from './cli-world';

const PERSON = { by: 'alice', reason: 'test' };

class LocalSystem {
  readonly jobs = new FakeJobStore();
  readonly history = new FakeRollbackHistory();
  #nowMs = Date.UTC(2026, 0, 1);

  manual(wantedWorkers: WantedWorkers): ManualRollback {
    this.#nowMs += 60_000;
    const nowMs = (): number => this.#nowMs;
    const { jobs, history } = this;
    const parts = { jobs, history, nowMs, logger: silentLogger };
    return new ManualRollback(localRollbackDependencies(parts, wantedWorkers));
  }
}

it('hands the jobs over and back, and tells and records nothing of services that are not there', async () => {
  const system = new LocalSystem();

  const rollback = await system.manual(0).rollbackWorker({ ...PERSON, jobsRunner: 'api' });
  expect((await system.jobs.getControl()).runner).toBe('api');
  await system.manual(1).resumeWorker(PERSON);
  expect((await system.jobs.getControl()).runner).toBe('worker');

  expect(localReport(rollback).steps.map(({ step }) => step)).toEqual(['jobs_runner', 'history']);
  const { items } = await system.history.list({ limit: 10 });
  expect(items.map(({ action, steps }) => [action, steps.map(({ step }) => step)])).toEqual([
    ['resume_worker', ['jobs_runner']],
    ['rollback_worker', ['jobs_runner']],
  ]);
});

it('finds nothing to do the second time', async () => {
  const system = new LocalSystem();
  await system.manual(0).rollbackWorker({ ...PERSON, jobsRunner: 'api' });

  const again = await system.manual(0).rollbackWorker({ ...PERSON, jobsRunner: 'api' });

  expect(again).toMatchObject({ isUnchanged: true, hasFailed: false });
});

it('freezes and unfreezes', async () => {
  const system = new LocalSystem();

  await system.manual(1).freeze(PERSON);
  expect((await system.jobs.getControl()).runner).toBe('none');
  await system.manual(1).unfreeze(PERSON);
  expect((await system.jobs.getControl()).runner).toBe('worker');
});

it('says on the command line that the worker process goes on', async () => {
  const world = new CliWorld();
  const system = new LocalSystem();
  const { platform, ...context } = world.context();
  const local = {
    ...context,
    platform: {
      ...platform,
      aws: undefined,
      manualRollback: (wanted: WantedWorkers) => system.manual(wanted),
    },
    target: {
      kind: 'local',
      isFound: true,
      options: [],
      table: { ...context.target.table, endpoint: 'http://127.0.0.1:1' },
    },
  } as const;
  const options = { isDryRun: false, isConfirmed: true };

  expect(
    await workerCommand(local, { action: 'rollback_worker', reason: 'x', jobsRunner: 'api' }, options),
  ).toBe(0);

  expect(world.terminal.output).toContain('its worker process goes on running');
  expect(world.terminal.output).toContain('Undo: npm run broker -- resume worker --local');
  expect(world.terminal.output).not.toContain('worker service');
});
