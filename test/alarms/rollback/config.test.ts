import { ConfigError } from '../../../app/environment';
import { parseRollbackConfig, rollbackEnvironmentSchema } from '../../../alarms/rollback/config';

const ENVIRONMENT = {
  ECS_CLUSTER: 'sandbox-broker-dev',
  WORKER_SERVICE: 'sandbox-broker-dev-worker',
  WORKER_DESIRED_COUNT_PARAMETER: '/sandbox-broker/dev/worker/desired-count',
  ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:sandbox-broker-dev-alarms',
  ALARM_NAME_PREFIX: 'sandbox-broker-dev',
  SANDBOX_BROKER_ENV: 'dev',
  DDB_TABLE_NAME: 'sandbox-broker-dev-pool',
  AWS_REGION: 'us-east-1',
};

it('reads what the stack gives it, and hands the jobs to the API unless told otherwise', () => {
  expect(parseRollbackConfig(ENVIRONMENT)).toMatchObject({
    worker: {
      cluster: 'sandbox-broker-dev',
      service: 'sandbox-broker-dev-worker',
      desiredCountParameter: '/sandbox-broker/dev/worker/desired-count',
    },
    topicArn: ENVIRONMENT.ALARM_TOPIC_ARN,
    alarmNamePrefix: 'sandbox-broker-dev',
    environmentName: 'dev',
    jobsRunner: 'api',
    table: { region: 'us-east-1', tableNames: { table: 'sandbox-broker-dev-pool' } },
    logLevel: 'info',
  });
});

it('hands the jobs to nobody where that is set', () => {
  expect(parseRollbackConfig({ ...ENVIRONMENT, ROLLBACK_JOBS_RUNNER: 'none' }).jobsRunner).toBe('none');
});

it.each([
  ['ECS_CLUSTER', undefined],
  ['WORKER_SERVICE', ''],
  ['WORKER_DESIRED_COUNT_PARAMETER', 'worker/desired-count'],
  ['ALARM_TOPIC_ARN', 'sandbox-broker-dev-alarms'],
  ['ALARM_NAME_PREFIX', undefined],
  ['SANDBOX_BROKER_ENV', undefined],
  // The worker that was stopped cannot be the one that goes on.
  ['ROLLBACK_JOBS_RUNNER', 'worker'],
  ['AWS_REGION', undefined],
])('refuses to start with %s = %s', (variable, value) => {
  expect(() => parseRollbackConfig({ ...ENVIRONMENT, [variable]: value })).toThrow(variable);
});

it('names every variable that is missing at once', () => {
  const error = (() => {
    try {
      parseRollbackConfig({});
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();

  expect((error as ConfigError).faults).toHaveLength(7);
});

it('takes no variable that the stack could misspell without notice', () => {
  expect(Object.keys(rollbackEnvironmentSchema.shape)).toEqual(
    expect.arrayContaining([...Object.keys(ENVIRONMENT), 'ROLLBACK_JOBS_RUNNER', 'LOG_LEVEL']),
  );
});
