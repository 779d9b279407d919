import { ECSClient } from '@aws-sdk/client-ecs';
import { createAwsClient } from '../../../alarms/rollback/create-aws-client';
import { ServiceNotFoundError } from '../../../alarms/rollback/worker-service';
import { isSteady } from '../../../cli/services/deployed-services';
import { EcsDeployedServices } from '../../../cli/services/ecs-deployed-services';
import {
  AwsStub,
  json,
  jsonError,
  STUB_CREDENTIALS,
  type StubAnswer,
  type StubRequest,
} from '../../alarms/rollback/aws-stub';

let stub: AwsStub | undefined;

afterEach(() => stub?.stop());

const ARN = 'arn:aws:ecs:us-east-1:123456789012:task-definition';
const ACTIVE = {
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 1,
  pendingCount: 1,
  taskDefinition: `${ARN}/api:8`,
  deployments: [
    { status: 'PRIMARY', taskDefinition: `${ARN}/api:8`, rolloutState: 'IN_PROGRESS' },
    { status: 'ACTIVE', taskDefinition: `${ARN}/api:7`, rolloutState: 'COMPLETED' },
  ],
  events: [{ createdAt: 1_700_000_000, message: 'has started 1 tasks' }],
};

async function servicesOn(
  answer: (request: StubRequest, index: number) => StubAnswer,
): Promise<{ services: EcsDeployedServices; requests: StubRequest[] }> {
  stub = await AwsStub.start(answer);
  const location = { region: 'us-east-1', endpoint: stub.endpoint, credentials: STUB_CREDENTIALS };
  const client = createAwsClient(ECSClient, location, 1);
  return { services: new EcsDeployedServices(client, 'a-cluster'), requests: stub.requests };
}

it('tells of a service what ECS tells', async () => {
  const { services, requests } = await servicesOn(() => json({ services: [ACTIVE] }));

  const service = await services.describe('api');

  expect(service).toEqual({
    name: 'api',
    desiredCount: 2,
    runningCount: 1,
    pendingCount: 1,
    revision: 'api:8',
    deployments: [
      { isPrimary: true, revision: 'api:8', rolloutState: 'IN_PROGRESS' },
      { isPrimary: false, revision: 'api:7', rolloutState: 'COMPLETED' },
    ],
    events: [{ atMs: 1_700_000_000_000, message: 'has started 1 tasks' }],
  });
  expect(isSteady(service)).toBe(false);
  expect(requests).toEqual([
    { action: 'DescribeServices', body: { cluster: 'a-cluster', services: ['api'] } },
  ]);
});

it.each([
  ['a service that is missing', json({ services: [], failures: [{ reason: 'MISSING' }] })],
  ['a service that was deleted', json({ services: [{ ...ACTIVE, status: 'INACTIVE' }] })],
  ['a cluster that is missing', jsonError('ClusterNotFoundException', 'Cluster not found.')],
])('names the service and the cluster for %s', async (_what, answer) => {
  const { services } = await servicesOn(() => answer);

  const refusal = services.describe('api');

  await expect(refusal).rejects.toThrow(ServiceNotFoundError);
  await expect(refusal).rejects.toThrow(/api in the cluster a-cluster/);
});

it('reads a revision, and takes only "unable to describe" for none', async () => {
  const taskDefinition = {
    taskDefinitionArn: `${ARN}/api:7`,
    family: 'api',
    revision: 7,
    status: 'INACTIVE',
    containerDefinitions: [{ image: 'registry/x:v7' }],
    registeredAt: 1_700_000_000,
  };
  const { services } = await servicesOn((_request, index) => {
    if (index === 0) return json({ taskDefinition });
    if (index === 1) return jsonError('ClientException', 'Unable to describe task definition.');
    return jsonError('ClientException', 'something else');
  });

  expect(await services.revision('api:7')).toEqual({
    name: 'api:7',
    number: 7,
    status: 'INACTIVE',
    image: 'registry/x:v7',
    runs: expect.any(String) as string,
    registeredAtMs: 1_700_000_000_000,
  });
  expect(await services.revision('api:9')).toBeUndefined();
  await expect(services.revision('api:9')).rejects.toThrow('something else');
});

describe('what a revision runs', () => {
  const CONTAINER = {
    name: 'api',
    image: 'registry/x:v7',
    environment: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
    secrets: [{ name: 'TOKEN', valueFrom: 'arn:token' }],
  };
  const runsOf = async (container: object): Promise<string | undefined> => {
    const taskDefinition = { taskDefinitionArn: `${ARN}/api:7`, containerDefinitions: [container] };
    const { services } = await servicesOn(() => json({ taskDefinition }));
    const revision = await services.revision('api:7');
    await stub?.stop();
    return revision?.runs;
  };

  it.each<[string, object]>([
    ['the order of variables', { environment: [...CONTAINER.environment].reverse() }],
    ['capabilities', { linuxParameters: { capabilities: { add: [], drop: ['ALL'] } } }],
    ['empty lists', { mountPoints: [], systemControls: [] }],
  ])('is the same, whatever %s it was registered with', async (_what, difference) => {
    expect(await runsOf({ ...CONTAINER, ...difference })).toBe(await runsOf(CONTAINER));
  });

  it.each<[string, object]>([
    ['image', { image: 'registry/x:v8' }],
    ['variable', { environment: [{ name: 'A', value: '1' }] }],
    ['value of a variable', { environment: [CONTAINER.environment[0], { name: 'B', value: '3' }] }],
    ['secret', { secrets: [{ name: 'TOKEN', valueFrom: 'arn:other' }] }],
  ])('is something else with another %s', async (_what, difference) => {
    expect(await runsOf({ ...CONTAINER, ...difference })).not.toBe(await runsOf(CONTAINER));
  });
});

it('finds older revisions over pages, of this family only, newest first, whatever the order of the answer', async () => {
  const { services, requests } = await servicesOn((_request, index) =>
    index === 0
      ? json({ taskDefinitionArns: [`${ARN}/api:10`, `${ARN}/api:9`, `${ARN}/api-old:8`], nextToken: 'more' })
      : json({ taskDefinitionArns: [`${ARN}/api:2`, `${ARN}/api:8`, `${ARN}/api:7`] }),
  );

  expect(await services.olderRevisions('api', 10, 3)).toEqual([9, 8, 7]);
  expect(requests.map(({ body }) => body)).toEqual([
    { familyPrefix: 'api', status: 'ACTIVE', sort: 'DESC' },
    { familyPrefix: 'api', status: 'ACTIVE', sort: 'DESC', nextToken: 'more' },
  ]);
});

it('finds the newest ACTIVE revision of exactly its family', async () => {
  const { services } = await servicesOn((_request, index) =>
    json({ taskDefinitionArns: index === 0 ? [`${ARN}/api-old:12`, `${ARN}/api:9`, `${ARN}/api:11`] : [] }),
  );

  expect(await services.newestRevision('api')).toBe(11);
  expect(await services.newestRevision('api')).toBeUndefined();
});

it('reads no further page than it needs', async () => {
  const { services, requests } = await servicesOn(() =>
    json({ taskDefinitionArns: [`${ARN}/api:9`, `${ARN}/api:8`], nextToken: 'more' }),
  );

  expect(await services.olderRevisions('api', 10, 2)).toEqual([9, 8]);
  expect(requests).toHaveLength(1);
});

it('changes the revision of exactly its service, and nothing else of it', async () => {
  const { services, requests } = await servicesOn(() => json({ service: ACTIVE }));

  await services.setRevision('api', 'api:7');

  expect(requests).toEqual([
    { action: 'UpdateService', body: { cluster: 'a-cluster', service: 'api', taskDefinition: 'api:7' } },
  ]);
});
