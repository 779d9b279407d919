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
import { declareServiceVariables } from '../../../../stacks/variables/declare-service-variables';
import { parseWorkerConfig } from '../../../../worker/config';

/** What Terraform and ECS put in the place of references, as a deployment of prod would have it. */
const RESOLVED = {
  '${var.cors_allowed_origins}': 'https://play.instruqt.com,https://lab.example.com',
  '${var.csp_base_url}': 'https://portal.example.com/api',
  'arn:api-token': '6d1f0a94c2be4c3c9f7bd2a1e5c80f5a',
  'arn:admin-token': 'b84e1d07a3f94f6c8d25c9e7f0a16b3d',
  'arn:csp-token': 'portal-token',
};

const SECRETS = {
  brokerApiToken: { arn: 'arn:api-token' },
  brokerAdminToken: { arn: 'arn:admin-token' },
  cspApiToken: { arn: 'arn:csp-token' },
};

function containersOf(environment: Environment): { api: ContainerEnvironment; worker: ContainerEnvironment } {
  const stack = new TerraformStack(new App(), 'stack');
  const variables = declareServiceVariables(stack, environment);
  const values = { environment, variables, secrets: SECRETS };
  new TerraformOutput(stack, 'api', { value: apiContainerEnvironment(values) });
  new TerraformOutput(stack, 'worker', { value: workerContainerEnvironment(values) });
  const { output } = JSON.parse(Testing.synth(stack)) as {
    output: Record<'api' | 'worker', { value: ContainerEnvironment }>;
  };
  return { api: output.api.value, worker: output.worker.value };
}

/** The environment of the process in the container, once every reference has its value. */
function processEnvironment({ environment, secrets }: ContainerEnvironment): Record<string, string> {
  const pairs = [
    ...environment.map(({ name, value }) => [name, value] as const),
    ...secrets.map(({ name, valueFrom }) => [name, valueFrom] as const),
  ];
  const resolved: Record<string, string> = RESOLVED;
  return Object.fromEntries(pairs.map(([name, text]) => [name, resolved[text] ?? text]));
}

describe('the containers of prod', () => {
  const { api, worker } = containersOf(ENVIRONMENTS.prod);

  it('give the API an environment that it starts with', () => {
    expect(parseApiConfig(processEnvironment(api))).toMatchObject({
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
        cleanup: { batchDelayMs: 30_000 },
      },
    });
  });

  it('give the worker an environment that it starts with', () => {
    expect(parseWorkerConfig(processEnvironment(worker))).toMatchObject({
      port: WORKER_PORT,
      table: { tableNames: ENVIRONMENTS.prod.tableNames, region: 'us-east-1', endpoint: undefined },
      jobs: {
        csp: { baseUrl: 'https://portal.example.com/api', apiToken: 'portal-token' },
        cleanup: { batchDelayMs: 30_000 },
      },
    });
    expect(processEnvironment(worker)).toMatchObject({ NODE_ENV: 'production' });
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
    const { api, worker } = containersOf(environment);

    const expected = {
      table: { tableNames, region: 'eu-west-1' },
      jobs: { cleanup: { batchDelayMs: 7_000 } },
    };
    expect(parseApiConfig(processEnvironment(api))).toMatchObject(expected);
    expect(parseWorkerConfig(processEnvironment(worker))).toMatchObject(expected);
  });
});
