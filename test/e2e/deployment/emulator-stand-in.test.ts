import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { accountClients, type AccountClients } from './support/account-clients';
import { startDeploymentBed, type DeploymentBed } from './support/deployment-bed';
import { describeDeployment } from './support/tools';

// Starts a real process, on a machine that may be busy with other tests.
jest.setTimeout(120_000);

/** What AWS refuses and the emulator takes: without this a test on it would pass for a mistake of ours. */
describeDeployment("the emulator's stand-in", () => {
  let bed: DeploymentBed;
  let clients: AccountClients;

  beforeAll(async () => {
    bed = await startDeploymentBed();
    clients = accountClients(bed.account.url);
  });

  afterAll(() => (bed as DeploymentBed | undefined)?.stop());

  it('keeps no value that the pattern of its parameter excludes, also when it is overwritten', async () => {
    const Name = '/worker/desired-count';
    const put = (Value: string, AllowedPattern?: string): Promise<unknown> =>
      clients.ssm.send(
        new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true, AllowedPattern }),
      );

    await put('1', '^[01]$');
    await put('0');
    await expect(put('2')).rejects.toMatchObject({ name: 'ParameterPatternMismatchException' });

    const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name }));
    expect(Parameter?.Value).toBe('0');
  });

  it('lets no service run a revision that is INACTIVE', async () => {
    const { ecs } = clients;
    const register = async (): Promise<string | undefined> => {
      const container = { name: 'app', image: 'app', memory: 64 };
      const command = new RegisterTaskDefinitionCommand({ family: 'app', containerDefinitions: [container] });
      return (await ecs.send(command)).taskDefinition?.taskDefinitionArn;
    };
    const [first, second] = [await register(), await register()];
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: first }));
    const create = (serviceName: string, taskDefinition?: string): Promise<unknown> =>
      ecs.send(new CreateServiceCommand({ cluster: 'a', serviceName, taskDefinition, desiredCount: 0 }));

    await create('app', second);
    await expect(create('other', first)).rejects.toThrow('TaskDefinition is inactive');
    const update = new UpdateServiceCommand({ cluster: 'a', service: 'app', taskDefinition: 'app:1' });
    await expect(ecs.send(update)).rejects.toThrow('TaskDefinition is inactive');
  });

  it('answers nothing that the emulator only seems to understand', async () => {
    const transaction = new TransactWriteItemsCommand({
      ClientRequestToken: 'again',
      TransactItems: [{ Put: { TableName: 'a', Item: {} } }],
    });
    const search = new FilterLogEventsCommand({ logGroupName: 'a', filterPattern: '{ $.level = "error" }' });

    await expect(clients.dynamoDb.send(transaction)).rejects.toThrow('ignores the token of a transaction');
    await expect(clients.logs.send(search)).rejects.toThrow('returns every line for a pattern of JSON');
  });
});
