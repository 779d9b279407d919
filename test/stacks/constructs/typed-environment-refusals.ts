import { apiEnvironmentSchema } from '../../../app/config';
import { rollbackEnvironmentSchema } from '../../../alarms/rollback/config';
import { typedEnvironment, typedFunctionEnvironment } from '../../../stacks/constructs/typed-environment';
import { workerEnvironmentSchema } from '../../../worker/config';

/*
 * What must not compile. The type check of the whole repository is the test: a line below an "@ts-expect-error" that
 * compiles after all is an error itself.
 */

/** What every process of ours needs in AWS. */
export const PLAIN = {
  NODE_ENV: 'production',
  AWS_REGION: 'us-east-1',
  DDB_TABLE_NAME: 'SandboxPool',
  DDB_GSI1_NAME: 'StatusIndex',
  DDB_GSI2_NAME: 'TrackIndex',
  DDB_GSI3_NAME: 'NameIndex',
  CSP_BASE_URL: 'https://portal.example.com',
} as const;

/** What the rollback function needs in AWS. */
export const ROLLBACK_PLAIN = {
  SANDBOX_BROKER_ENV: 'dev',
  ECS_CLUSTER: 'cluster',
  WORKER_SERVICE: 'worker',
  WORKER_DESIRED_COUNT_PARAMETER: '/worker/desired-count',
  ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:alarms',
  ALARM_NAME_PREFIX: 'sandbox-broker-dev',
  DDB_TABLE_NAME: 'SandboxPool',
  DDB_GSI1_NAME: 'StatusIndex',
  DDB_GSI2_NAME: 'TrackIndex',
  DDB_GSI3_NAME: 'NameIndex',
} as const;

export const WORKER_SECRETS = { CSP_API_TOKEN: 'arn:csp' };
export const API_SECRETS = {
  ...WORKER_SECRETS,
  BROKER_API_TOKEN: 'arn:api',
  BROKER_ADMIN_TOKEN: 'arn:admin',
};

declare function without<Given, Name extends keyof Given>(given: Given, name: Name): Omit<Given, Name>;

/** Never called: it is there to be compiled. */
export function mustNotCompile(): void {
  // @ts-expect-error a variable that the app requires is missing
  typedEnvironment(workerEnvironmentSchema, without(PLAIN, 'CSP_BASE_URL'), WORKER_SECRETS);
  // @ts-expect-error the app's default for the index is that of a development machine
  typedEnvironment(workerEnvironmentSchema, without(PLAIN, 'DDB_GSI2_NAME'), WORKER_SECRETS);
  // @ts-expect-error the region is missing
  typedEnvironment(workerEnvironmentSchema, without(PLAIN, 'AWS_REGION'), WORKER_SECRETS);
  // @ts-expect-error without NODE_ENV the app accepts the tokens of its samples
  typedEnvironment(workerEnvironmentSchema, without(PLAIN, 'NODE_ENV'), WORKER_SECRETS);
  // @ts-expect-error misspelt: INTERVALL
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, SYNC_INTERVALL_SEC: '60' }, WORKER_SECRETS);
  const misspelt = { ...PLAIN, CORS_ALLOWED_ORIGIN: '*' };
  // @ts-expect-error misspelt, in an object that was made elsewhere
  typedEnvironment(apiEnvironmentSchema, misspelt, API_SECRETS);
  // @ts-expect-error a variable of the API is none of the worker
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, PORT: '8080' }, WORKER_SECRETS);
  // @ts-expect-error a secret in plain text
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, CSP_API_TOKEN: 'word' }, WORKER_SECRETS);
  // @ts-expect-error a secret in plain text, and not as a secret
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, CSP_API_TOKEN: 'word' }, {});
  // @ts-expect-error a plain variable as a secret too
  typedEnvironment(workerEnvironmentSchema, PLAIN, { ...WORKER_SECRETS, CSP_BASE_URL: 'arn:url' });
  // @ts-expect-error a secret that the process requires is missing
  typedEnvironment(apiEnvironmentSchema, PLAIN, without(API_SECRETS, 'BROKER_ADMIN_TOKEN'));
  // @ts-expect-error a secret that the process does not know: it would be given more than it needs
  typedEnvironment(workerEnvironmentSchema, PLAIN, API_SECRETS);
  // @ts-expect-error a local engine's address has no place in AWS
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, DDB_ENDPOINT_URL: 'http://db:8000' }, WORKER_SECRETS);
  // @ts-expect-error a number where the environment takes texts
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, WORKER_PORT: 9090 }, WORKER_SECRETS);
  // @ts-expect-error a word that the schema does not list
  typedEnvironment(workerEnvironmentSchema, { ...PLAIN, LOG_LEVEL: 'loud' }, WORKER_SECRETS);
  // @ts-expect-error a variable that the function requires is missing
  typedFunctionEnvironment(rollbackEnvironmentSchema, without(ROLLBACK_PLAIN, 'WORKER_SERVICE'));
  // @ts-expect-error the default for the table is that of a development machine
  typedFunctionEnvironment(rollbackEnvironmentSchema, without(ROLLBACK_PLAIN, 'DDB_TABLE_NAME'));
  // @ts-expect-error Lambda refuses a function that sets its own region
  typedFunctionEnvironment(rollbackEnvironmentSchema, { ...ROLLBACK_PLAIN, AWS_REGION: 'us-east-1' });
  // @ts-expect-error misspelt: JOB
  typedFunctionEnvironment(rollbackEnvironmentSchema, { ...ROLLBACK_PLAIN, ROLLBACK_JOB_RUNNER: 'api' });
  // @ts-expect-error who has been stopped cannot run the jobs
  typedFunctionEnvironment(rollbackEnvironmentSchema, { ...ROLLBACK_PLAIN, ROLLBACK_JOBS_RUNNER: 'worker' });
}
