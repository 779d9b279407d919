import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, describeTarget, resolveTarget, TargetError } from '../../cli/target';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';

const NO_FILE = join(tmpdir(), 'no-such-folder', 'environment.json');
const ENDPOINT = 'http://127.0.0.1:8000';

it.each(['dev', 'prod'] as const)('finds everything in %s under the names that the stacks deploy', (env) => {
  const names = deployedNames(ENVIRONMENTS[env]);

  expect(resolveTarget({ env }, {}, NO_FILE)).toEqual({
    kind: 'aws',
    environment: env,
    cluster: names.cluster,
    apiService: names.apiService,
    workerService: names.workerService,
    desiredCountParameter: names.workerDesiredCountParameter,
    alarmNamePrefix: names.prefix,
    table: { tableNames: ENVIRONMENTS[env].tableNames, region: ENVIRONMENTS[env].awsRegion },
    options: [],
    endpointVariables: [],
  });
});

it('takes dev, unless the option or SANDBOX_BROKER_ENV say otherwise; the option counts more', () => {
  const environmentOf = (env: string | undefined, variable: string | undefined): unknown =>
    resolveTarget({ env }, { SANDBOX_BROKER_ENV: variable }, NO_FILE);

  expect(environmentOf(undefined, undefined)).toMatchObject({ environment: 'dev' });
  expect(environmentOf(undefined, 'prod')).toMatchObject({ environment: 'prod' });
  expect(environmentOf('dev', 'prod')).toMatchObject({ environment: 'dev' });
});

it('does not follow the AWS_REGION of the shell, only the option', () => {
  const shell = { AWS_REGION: 'eu-west-1' };

  expect(resolveTarget({}, shell, NO_FILE).table.region).toBe(ENVIRONMENTS.dev.awsRegion);
  expect(resolveTarget({ region: 'eu-west-1' }, shell, NO_FILE).table.region).toBe('eu-west-1');
});

it('takes other names from the options', () => {
  const options = {
    cluster: 'c',
    apiService: 'a',
    workerService: 'w',
    parameter: '/p',
    alarmPrefix: 'x',
    table: 'T-1',
  };

  expect(resolveTarget(options, {}, NO_FILE)).toMatchObject({
    cluster: 'c',
    apiService: 'a',
    workerService: 'w',
    desiredCountParameter: '/p',
    alarmNamePrefix: 'x',
    table: { tableNames: { table: 'T-1', statusIndex: ENVIRONMENTS.dev.tableNames.statusIndex } },
  });
});

it('tells commands with the names that were given, as a shell takes them', () => {
  const options = {
    env: 'prod',
    region: 'eu-west-1',
    cluster: 'c',
    apiService: 'a',
    workerService: 'w',
    parameter: '/p',
    alarmPrefix: "it's x",
    table: 'T-1',
  };

  expect(commandLine(resolveTarget(options, {}, NO_FILE), 'resume worker')).toBe(
    'npm run broker -- resume worker --env prod --region eu-west-1 --cluster c --api-service a ' +
      String.raw`--worker-service w --parameter /p --alarm-prefix 'it'\''s x' --table T-1`,
  );
  const local = resolveTarget({ endpointDynamodb: ENDPOINT, table: 'T-2' }, {}, NO_FILE);
  expect(commandLine(local, 'status')).toBe(
    `npm run broker -- status --endpoint-dynamodb ${ENDPOINT} --table T-2`,
  );
});

it('names the variables that send calls to another place than AWS', () => {
  const variables = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:5000',
    AWS_ENDPOINT_URL_ECS: 'http://127.0.0.1:5001',
    AWS_ENDPOINT_URL_SSM: '',
  };

  expect(describeTarget(resolveTarget({ env: 'dev' }, variables, NO_FILE))).toBe(
    'dev: cluster sandbox-broker-dev in us-east-1, ' +
      'through AWS_ENDPOINT_URL=http://127.0.0.1:5000, AWS_ENDPOINT_URL_ECS=http://127.0.0.1:5001',
  );
  expect(describeTarget(resolveTarget({ env: 'dev' }, {}, NO_FILE))).not.toContain('through');
});

it.each([
  ['--endpoint-dynamodb', { endpointDynamodb: ENDPOINT }, {}],
  ['DDB_ENDPOINT_URL', {}, { DDB_ENDPOINT_URL: ENDPOINT }],
  [
    '--local with DDB_ENDPOINT_URL',
    { local: true },
    { DDB_ENDPOINT_URL: ENDPOINT, SANDBOX_BROKER_ENV: 'prod' },
  ],
])('finds the local system by %s', (_how, options, variables) => {
  const target = resolveTarget(options, { ...variables, DDB_TABLE_NAME: 'MyTable' }, NO_FILE);

  expect(target).toMatchObject({
    kind: 'local',
    table: { endpoint: ENDPOINT, tableNames: { table: 'MyTable' } },
  });
  expect(commandLine(target, 'status')).toBe(`npm run broker -- status --endpoint-dynamodb ${ENDPOINT}`);
});

it('finds the local system that npm start has told of', () => {
  const folder = mkdtempSync(join(tmpdir(), 'broker-target-'));
  const file = join(folder, 'environment.json');
  writeFileSync(file, JSON.stringify({ dynamodb_endpoint: ENDPOINT, table: 'LocalPool' }));
  try {
    const target = resolveTarget({ local: true }, {}, file);

    expect(target).toMatchObject({ table: { endpoint: ENDPOINT, tableNames: { table: 'LocalPool' } } });
    expect(describeTarget(target)).toBe(`local system, table LocalPool at ${ENDPOINT}`);
    expect(commandLine(target, 'status')).toBe('npm run broker -- status --local');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['an unknown environment', { env: 'nix' }, {}, '"nix", but must be dev or prod'],
  ['an empty SANDBOX_BROKER_ENV', {}, { SANDBOX_BROKER_ENV: '' }, 'must be dev or prod'],
  ['the local system when none runs', { local: true }, {}, 'No local system is running'],
  ['an endpoint that is no URL', { endpointDynamodb: 'localhost:8000' }, {}, 'is no URL'],
  ['the local system and an environment', { local: true, env: 'prod' }, {}, '--env'],
  ['the local system and a cluster', { endpointDynamodb: ENDPOINT, cluster: 'c' }, {}, '--cluster'],
  [
    'an environment beside a left-over DDB_ENDPOINT_URL',
    { env: 'prod' },
    { DDB_ENDPOINT_URL: ENDPOINT },
    'Unset',
  ],
  [
    'SANDBOX_BROKER_ENV beside a left-over DDB_ENDPOINT_URL',
    {},
    { DDB_ENDPOINT_URL: ENDPOINT, SANDBOX_BROKER_ENV: 'prod' },
    'Unset',
  ],
])('refuses %s', (_what, options, variables, message) => {
  const resolve = (): unknown => resolveTarget(options, variables, NO_FILE);

  expect(resolve).toThrow(TargetError);
  expect(resolve).toThrow(message);
});
