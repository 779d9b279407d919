import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { ScriptFolder } from './run-script';

const { prefix, apiService, workerService } = deployedNames(ENVIRONMENTS.dev);
const STACK = `${prefix}-service`;
const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition';
const OUTPUTS = {
  [STACK]: {
    api_task_definition: `${ARN}/${apiService}:8`,
    worker_task_definition: `${ARN}/${workerService}:5`,
  },
};
const BEGAN_AT = '2026-11-28T12:00:00.000Z';
const NO_ALARMS = { MetricAlarms: [] };

interface Service {
  serviceName: string;
  status: string;
  taskDefinition: string;
  deployments: { taskDefinition: string; rolloutState: string; rolloutStateReason?: string }[];
  deploymentConfiguration?: { alarms: { alarmNames: string[] } };
}

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder();
  writeFileSync(join(folder.path, 'outputs.json'), JSON.stringify(OUTPUTS));
});

afterEach(() => {
  folder.remove();
});

function service(name: string, revision: number, difference: Partial<Service> = {}): Service {
  const taskDefinition = `${ARN}/${name}:${revision}`;
  const deployments = [{ taskDefinition, rolloutState: 'COMPLETED' }];
  return { serviceName: name, status: 'ACTIVE', taskDefinition, deployments, ...difference };
}

const WORKER = service(workerService, 5);

/** What AWS answers, call by call; the last answer is given again and again. */
function awsAnswers(answers: { services: (object | 'error')[]; alarms?: object[] }): void {
  const lists: Record<string, (object | 'error')[]> = {
    'describe-services': answers.services,
    'describe-alarms': answers.alarms ?? [NO_ALARMS],
  };
  for (const [action, list] of Object.entries(lists)) {
    list.forEach((answer, index) => {
      const text = answer === 'error' ? '' : JSON.stringify(answer);
      writeFileSync(join(folder.path, `${action}.${index}`), text);
    });
  }
  folder.addProgram(
    'aws',
    `action=$2
     echo "$*" >> asked
     count=$(grep -c " $action " asked)
     file=$action.$((count - 1))
     [ -f "$file" ] || file=$(ls $action.* | sort -t. -k2 -n | tail -1)
     [ -s "$file" ] || { echo 'An error occurred' >&2; exit 254; }
     cat "$file"`,
  );
}

function after(env: Record<string, string> = {}): ReturnType<ScriptFolder['run']> {
  return folder.run('watch-deployment.mjs', ['after', 'outputs.json'], {
    ENVIRONMENT: 'dev',
    DEPLOY_BEGAN_AT: BEGAN_AT,
    WATCH_POLL_SECONDS: '0',
    WATCH_QUIET_SECONDS: '0',
    WATCH_LIMIT_SECONDS: '60',
    ...env,
  });
}

describe('after a deploy', () => {
  it('waits until the roll-out is complete', () => {
    const taskDefinition = `${ARN}/${apiService}:8`;
    const underWay = service(apiService, 8, {
      deployments: [
        { taskDefinition, rolloutState: 'IN_PROGRESS' },
        { taskDefinition: `${ARN}/${apiService}:7`, rolloutState: 'COMPLETED' },
      ],
    });
    awsAnswers({
      services: [{ services: [underWay, WORKER] }, { services: [service(apiService, 8), WORKER] }],
    });

    const { status, stdout } = after();

    expect(stdout).toContain(`${apiService}: roll-out IN_PROGRESS`);
    expect(stdout).toContain('run what was deployed, and the alarms are quiet');
    expect(status).toBe(0);
  });

  it.each<[string, Service[], RegExp]>([
    [
      'the API runs the version before again, steady and complete',
      [service(apiService, 7), WORKER],
      /is to run sandbox-broker-dev-api:7 again, not sandbox-broker-dev-api:8/,
    ],
    [
      'the worker does',
      [service(apiService, 8), service(workerService, 4)],
      /is to run sandbox-broker-dev-worker:4 again/,
    ],
    [
      'ECS has given the roll-out up',
      [
        service(apiService, 7, {
          deployments: [
            {
              taskDefinition: `${ARN}/${apiService}:8`,
              rolloutState: 'FAILED',
              rolloutStateReason: 'circuit breaker: tasks failed to start.',
            },
          ],
        }),
        WORKER,
      ],
      /given up sandbox-broker-dev-api:8: circuit breaker: tasks failed to start/,
    ],
    ['a service is gone', [WORKER], /There is no active service sandbox-broker-dev-api/],
  ])('is red when %s', (_what, services, message) => {
    awsAnswers({ services: [{ services }] });

    const { status, stderr } = after();

    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it('is red when ECS goes back while the alarms are watched', () => {
    awsAnswers({
      services: [
        { services: [service(apiService, 8), WORKER] },
        { services: [service(apiService, 7), WORKER] },
      ],
    });

    const { status, stdout, stderr } = after({ WATCH_QUIET_SECONDS: '60' });

    expect(stdout).toContain('rolled out; watching the alarms');
    expect(stderr).toContain('ECS went back');
    expect(status).toBe(1);
  });

  it('waits for an alarm that went off since, and is red when it stays', () => {
    const services = [{ services: [service(apiService, 8), WORKER] }];
    const wentOff = {
      AlarmName: `${prefix}-api-5xx-rate-high`,
      StateTransitionedTimestamp: '2026-11-28T12:05:00Z',
    };
    awsAnswers({ services, alarms: [{ MetricAlarms: [wentOff] }, NO_ALARMS] });
    expect(after().status).toBe(0);

    awsAnswers({ services, alarms: [{ MetricAlarms: [wentOff] }, { MetricAlarms: [wentOff] }] });
    const { status, stderr } = after({ WATCH_LIMIT_SECONDS: '0' });

    expect(stderr).toContain('not settled: sandbox-broker-dev-api-5xx-rate-high: in ALARM');
    expect(status).toBe(1);
  });

  it('leaves out an alarm that was on before: the pool may be small for reasons of its own', () => {
    const wasOn = {
      AlarmName: `${prefix}-pool-nearly-empty`,
      StateTransitionedTimestamp: '2026-11-28T11:00:00Z',
    };
    awsAnswers({
      services: [{ services: [service(apiService, 8), WORKER] }],
      alarms: [{ MetricAlarms: [wasOn] }],
    });

    expect(after().status).toBe(0);
  });

  it('asks again when AWS does not answer, and is red when it never does', () => {
    awsAnswers({ services: ['error', { services: [service(apiService, 8), WORKER] }] });
    expect(after().status).toBe(0);

    folder.addProgram('aws', 'exit 254');
    const { status, stderr } = after({ WATCH_LIMIT_SECONDS: '0' });

    expect(stderr).toContain('no answer from AWS');
    expect(status).toBe(1);
  });

  it('refuses outputs of another stack, and a deploy whose beginning is unknown', () => {
    awsAnswers({ services: [{ services: [] }] });
    writeFileSync(join(folder.path, 'outputs.json'), '{}');
    expect(after().stderr).toContain(`lacks api_task_definition or worker_task_definition of ${STACK}`);
    expect(after({ DEPLOY_BEGAN_AT: '' }).stderr).toContain(
      'run this script with "before" ahead of the deploy',
    );
  });
});

describe('before a deploy', () => {
  const before = (env: Record<string, string> = {}): ReturnType<ScriptFolder['run']> =>
    folder.run('watch-deployment.mjs', ['before'], { ENVIRONMENT: 'dev', ...env });
  const alarmNames = [`${prefix}-api-5xx-rate-high`];

  it('says when it began, and warns of a deployment alarm that is on: ECS ignores it', () => {
    awsAnswers({
      services: [
        {
          services: [service(apiService, 8, { deploymentConfiguration: { alarms: { alarmNames } } }), WORKER],
        },
      ],
      alarms: [{ MetricAlarms: [{ AlarmName: alarmNames[0] }] }],
    });

    const { status, stdout, stderr } = before({ GITHUB_ACTIONS: 'true' });

    expect(stdout).toMatch(/^DEPLOY_BEGAN_AT=\d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
    expect(stderr).toMatch(
      /^::warning::sandbox-broker-dev-api-5xx-rate-high is in ALARM already\. ECS ignores it/,
    );
    expect(status).toBe(0);
  });

  it('warns of nothing when the services watch no alarm', () => {
    awsAnswers({ services: [{ services: [WORKER] }] });

    expect(before()).toMatchObject({ status: 0, stderr: '' });
  });

  it('says that a first deployment is made by hand', () => {
    awsAnswers({ services: ['error'] });

    const { status, stderr } = before();

    expect(stderr).toContain('The services of dev cannot be read. Its first deployment is made by hand');
    expect(status).toBe(1);
  });
});
