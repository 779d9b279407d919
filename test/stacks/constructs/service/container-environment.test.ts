import { App, TerraformOutput, TerraformStack, Testing } from 'cdktf';
import { parseApiConfig } from '../../../../app/config';
import {
  API_DRAIN_SECONDS,
  apiContainerEnvironment,
  workerContainerEnvironment,
} from '../../../../stacks/constructs/service/container-environment';
import type { ContainerEnvironment } from '../../../../stacks/constructs/typed-environment';
import { ENVIRONMENTS, type Environment } from '../../../../stacks/environments';
import { API_PORT, WORKER_PORT } from '../../../../stacks/ports';
import { CONTAINER_SETTINGS } from '../../../../stacks/variables/container-settings';
import { declareServiceVariables } from '../../../../stacks/variables/declare-service-variables';
import { parseWorkerConfig, workerEnvironmentSchema } from '../../../../worker/config';

/** What a person gives to deploy prod. */
const GIVEN = {
  cors_allowed_origins: 'https://play.instruqt.com,https://lab.example.com',
  csp_base_url: 'https://portal.example.com/api',
};

/** What ECS puts in the place of the secrets' ARNs. */
const SECRET_VALUES = {
  'arn:api-token': '6d1f0a94c2be4c3c9f7bd2a1e5c80f5a',
  'arn:admin-token': 'b84e1d07a3f94f6c8d25c9e7f0a16b3d',
  'arn:csp-token': 'portal-token',
};

const SECRETS = {
  brokerApiToken: { arn: 'arn:api-token' },
  brokerAdminToken: { arn: 'arn:admin-token' },
  cspApiToken: { arn: 'arn:csp-token' },
};

interface Containers {
  api: ContainerEnvironment;
  worker: ContainerEnvironment;
  /** Of the variables that have one. */
  defaults: Record<string, string>;
}

function containersOf(environment: Environment): Containers {
  const stack = new TerraformStack(new App(), 'stack');
  const variables = declareServiceVariables(stack, environment);
  const values = { environment, variables, secrets: SECRETS };
  new TerraformOutput(stack, 'api', { value: apiContainerEnvironment(values) });
  new TerraformOutput(stack, 'worker', { value: workerContainerEnvironment(values) });
  const { output, variable } = JSON.parse(Testing.synth(stack)) as {
    output: Record<'api' | 'worker', { value: ContainerEnvironment }>;
    variable: Record<string, { default?: string | number }>;
  };
  const defaults = Object.entries(variable).map(
    ([name, { default: value }]) => [name, String(value)] as const,
  );
  return { api: output.api.value, worker: output.worker.value, defaults: Object.fromEntries(defaults) };
}

/** The environment of the process in the container, once every reference has its value. */
function processEnvironment(
  { environment, secrets }: ContainerEnvironment,
  variables: Record<string, string>,
): Record<string, string> {
  const plain = environment.map(({ name, value }) => {
    const variable = /^\$\{(?:tostring\()?var\.(?<name>\w+)\)?\}$/.exec(value)?.groups?.name;
    return [name, variable === undefined ? value : variables[variable]] as const;
  });
  const values: Record<string, string> = SECRET_VALUES;
  const secret = secrets.map(({ name, valueFrom }) => [name, values[valueFrom]] as const);
  return Object.fromEntries([...plain, ...secret].map(([name, text]) => [name, String(text)]));
}

describe('the containers of prod', () => {
  const { api, worker, defaults } = containersOf(ENVIRONMENTS.prod);
  const variables = { ...defaults, ...GIVEN };

  it('give the API an environment that it starts with', () => {
    expect(parseApiConfig(processEnvironment(api, variables))).toMatchObject({
      isProduction: true,
      port: API_PORT,
      drainMs: API_DRAIN_SECONDS * 1_000,
      apiTokens: ['6d1f0a94c2be4c3c9f7bd2a1e5c80f5a'],
      adminTokens: ['b84e1d07a3f94f6c8d25c9e7f0a16b3d'],
      environmentName: 'prod',
      alarmNames: expect.arrayContaining(['sandbox-broker-prod-worker-cpu-high']) as string[],
      corsAllowedOrigins: ['https://play.instruqt.com', 'https://lab.example.com'],
      table: { tableNames: ENVIRONMENTS.prod.tableNames, region: 'us-east-1', endpoint: undefined },
      jobs: {
        csp: { baseUrl: 'https://portal.example.com/api', apiToken: 'portal-token' },
        // As "*" says it, because no prefix was given.
        namePrefix: '',
        cleanup: { batchDelayMs: 30_000 },
      },
    });
  });

  it('give the worker an environment that it starts with', () => {
    expect(parseWorkerConfig(processEnvironment(worker, variables))).toMatchObject({
      port: WORKER_PORT,
      table: { tableNames: ENVIRONMENTS.prod.tableNames, region: 'us-east-1', endpoint: undefined },
      jobs: {
        csp: { baseUrl: 'https://portal.example.com/api', apiToken: 'portal-token' },
        cleanup: { batchDelayMs: 30_000 },
      },
    });
    expect(processEnvironment(worker, variables)).toMatchObject({ NODE_ENV: 'production' });
  });

  it('know each secret by its ARN only, and the worker no token of the API', () => {
    expect(api.secrets).toEqual([
      { name: 'BROKER_ADMIN_TOKEN', valueFrom: 'arn:admin-token' },
      { name: 'BROKER_API_TOKEN', valueFrom: 'arn:api-token' },
      { name: 'CSP_API_TOKEN', valueFrom: 'arn:csp-token' },
    ]);
    expect(worker.secrets).toEqual([{ name: 'CSP_API_TOKEN', valueFrom: 'arn:csp-token' }]);
  });

  it('have their variables sorted, so that no revision comes of an order', () => {
    for (const { environment } of [api, worker]) {
      const names = environment.map(({ name }) => name);
      expect(names).toEqual([...names].sort());
    }
  });
});

describe('what a deployment sets', () => {
  const { api, worker, defaults } = containersOf(ENVIRONMENTS.prod);
  const numbers = CONTAINER_SETTINGS.filter((setting) => setting !== 'POOL_NAME_PREFIX');
  const chosen = Object.fromEntries(
    // Different from each other and from every default, so that none can stand in for another.
    numbers.map((setting, index) => [setting.toLowerCase(), String(1_001 + index)]),
  );
  const variables: Record<string, string> = { ...defaults, ...GIVEN, ...chosen, pool_name_prefix: 'lab-' };
  const expected = Object.fromEntries(
    CONTAINER_SETTINGS.map((setting) => [setting, variables[setting.toLowerCase()]]),
  );

  it('reaches the API, each setting under its own name', () => {
    expect(processEnvironment(api, variables)).toMatchObject(expected);
  });

  it('reaches the worker, as far as the worker knows the setting', () => {
    const known = Object.keys(expected).filter((setting) => setting in workerEnvironmentSchema.shape);

    expect(known).toEqual(expect.arrayContaining(['LAB_DURATION_HOURS', 'CLEANUP_BATCH_DELAY_SEC']));
    expect(processEnvironment(worker, variables)).toMatchObject(
      Object.fromEntries(known.map((setting) => [setting, expected[setting]])),
    );
  });

  it('is a text, as ECS takes it, although Terraform knows it as a number', () => {
    for (const { environment } of [api, worker]) {
      const settings = environment.filter(({ name }) => numbers.some((setting) => setting === name));
      for (const { name, value } of settings) expect(value).toBe(`\${tostring(var.${name.toLowerCase()})}`);
    }
  });

  it('makes labs of 48 hours, if it says so', () => {
    const environment = { ...defaults, ...GIVEN, lab_duration_hours: '48' };

    expect(parseApiConfig(processEnvironment(api, environment)).labDurationSeconds).toBe(48 * 3_600);
    expect(parseWorkerConfig(processEnvironment(worker, environment)).jobs.labDurationSeconds).toBe(
      48 * 3_600,
    );
  });
});

describe('another environment', () => {
  it('brings its own region, table and pace of cleaning up', () => {
    const tableNames = {
      table: 'Pool2',
      statusIndex: 'ByStatus',
      trackIndex: 'ByTrack',
      nameIndex: 'ByName',
    };
    const environment = {
      ...ENVIRONMENTS.dev,
      awsRegion: 'eu-west-1',
      tableNames,
      cleanupBatchDelaySeconds: 7,
    };
    const { api, worker, defaults } = containersOf(environment);
    const variables = { ...defaults, ...GIVEN };

    const expected = {
      table: { tableNames, region: 'eu-west-1' },
      jobs: { cleanup: { batchDelayMs: 7_000 } },
    };
    expect(parseApiConfig(processEnvironment(api, variables))).toMatchObject(expected);
    expect(parseWorkerConfig(processEnvironment(worker, variables))).toMatchObject(expected);
  });
});
