import { ECSClient } from '@aws-sdk/client-ecs';
import { createAwsClient } from '../../../alarms/rollback/create-aws-client';
import { EcsWorkerService } from '../../../alarms/rollback/ecs-worker-service';
import { ECS_MAX_ATTEMPTS } from '../../../alarms/rollback/time-budget';
import { ServiceNotFoundError } from '../../../alarms/rollback/worker-service';
import { AwsStub, json, jsonError, STUB_CREDENTIALS, type StubAnswer, type StubRequest } from './aws-stub';

let stub: AwsStub | undefined;

afterEach(() => stub?.stop());

const ACTIVE = { status: 'ACTIVE', desiredCount: 1, runningCount: 2, pendingCount: 3 };

async function serviceOn(
  answer: (request: StubRequest, index: number) => StubAnswer,
): Promise<{ service: EcsWorkerService; requests: StubRequest[] }> {
  stub = await AwsStub.start(answer);
  const location = { region: 'us-east-1', endpoint: stub.endpoint, credentials: STUB_CREDENTIALS };
  const client = createAwsClient(ECSClient, location, ECS_MAX_ATTEMPTS);
  return {
    service: new EcsWorkerService(client, { cluster: 'a-cluster', service: 'a-worker' }),
    requests: stub.requests,
  };
}

it('asks for exactly its service, and tells its counts', async () => {
  const { service, requests } = await serviceOn(() => json({ services: [ACTIVE], failures: [] }));

  expect(await service.describe()).toEqual({ desiredCount: 1, runningCount: 2, pendingCount: 3 });
  expect(requests).toEqual([
    { action: 'DescribeServices', body: { cluster: 'a-cluster', services: ['a-worker'] } },
  ]);
});

it('changes the desired count of exactly its service, and nothing else of it', async () => {
  const { service, requests } = await serviceOn(() => json({ service: ACTIVE }));

  await service.setDesiredCount(0);

  expect(requests).toEqual([
    { action: 'UpdateService', body: { cluster: 'a-cluster', service: 'a-worker', desiredCount: 0 } },
  ]);
});

it('gets over two refusals for too many calls in one go', async () => {
  const { service, requests } = await serviceOn((_request, index) =>
    index < 2 ? jsonError('ThrottlingException', 'Rate exceeded') : json({ service: ACTIVE }),
  );

  await service.setDesiredCount(0);

  expect(requests).toHaveLength(3);
});

it.each([
  ['missing', { services: [], failures: [{ reason: 'MISSING' }] }],
  ['INACTIVE', { services: [{ ...ACTIVE, status: 'INACTIVE', desiredCount: 0 }] }],
  ['DRAINING', { services: [{ ...ACTIVE, status: 'DRAINING', desiredCount: 0 }] }],
])('does not take a service that is %s for a stopped worker', async (why, answer) => {
  const { service } = await serviceOn(() => json(answer));

  await expect(service.describe()).rejects.toThrow(
    new ServiceNotFoundError(`no active service a-worker in the cluster a-cluster (${why})`),
  );
});

it.each(['ServiceNotFoundException', 'ServiceNotActiveException', 'ClusterNotFoundException'])(
  'names the service and the cluster when ECS answers %s',
  async (type) => {
    const { service } = await serviceOn(() => jsonError(type, 'Not found.'));

    await expect(service.setDesiredCount(0)).rejects.toThrow(
      new ServiceNotFoundError(`no active service a-worker in the cluster a-cluster (${type})`),
    );
  },
);

it('passes on that it may not do so, without trying again', async () => {
  const { service, requests } = await serviceOn(() =>
    jsonError('AccessDeniedException', 'not authorized to perform ecs:UpdateService'),
  );

  await expect(service.setDesiredCount(0)).rejects.toThrow('not authorized to perform ecs:UpdateService');
  expect(requests).toHaveLength(1);
});

it('gives up a call whose time is over', async () => {
  const { service } = await serviceOn(() => undefined);

  await expect(service.describe({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
