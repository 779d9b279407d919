import { randomBytes } from 'node:crypto';
import { UpdateServiceCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { ENVIRONMENTS } from '../../../stacks/environments';
import { describeAlarms } from './checks/alarms';
import { describeExposure } from './checks/exposure';
import { describeProduction } from './checks/production';
import { describeRollback } from './checks/rollback';
import { describeServices } from './checks/services';
import { accountClients, type AccountClients } from './support/account-clients';
import { accountInventory, idOf, inventoriedTypes } from './support/account-inventory';
import { apiDoor, type ApiDoor } from './support/api-door';
import type { CommandResult } from './support/command-runner';
import { deployedBroker, serviceOf, taskDefinitionOf, type DeployedBroker } from './support/deployed-broker';
import type { Deployer } from './support/deployer';
import { startDeploymentBed, type DeploymentBed } from './support/deployment-bed';
import { EmulatedBucket } from './support/emulated-bucket';
import { requestCertificate } from './support/request-certificate';
import { DEV_SETTINGS, PROD_STATE_BUCKET, prodSettings } from './support/settings';
import { changesOf, type StackPlan } from './support/stack-plan';
import { describeDeployment } from './support/tools';

/*
 * One deployment, from an empty account to an empty account, in the order in which people do it. Production is deployed
 * beside it, into the same account: neither may get in the other's way.
 */

// A hook or a test may hold a whole deploy; the commands have limits of their own.
jest.setTimeout(600_000);

const stacksOf = (environment: string): string[] =>
  ['data', 'network', 'rollback', 'service'].map((component) => `sandbox-broker-${environment}-${component}`);

const LARGER_WORKER = { TF_VAR_worker_cpu: '512', TF_VAR_worker_memory: '1024' };

/** Recognizable wherever they turn up. */
const SECRET_VALUES = ['api', 'admin', 'csp'].map(
  (name) => `leaked-${name}-${randomBytes(12).toString('hex')}`,
);

describeDeployment("cdktf deploy '*'", () => {
  let bed: DeploymentBed;
  let clients: AccountClients;
  let dev: Deployer;
  let prod: Deployer;
  let emptyAccount: string[];
  const devBroker = (): DeployedBroker => deployedBroker(ENVIRONMENTS.dev, clients);

  beforeAll(async () => {
    bed = await startDeploymentBed();
    clients = accountClients(bed.account.url);
    emptyAccount = await accountInventory(clients);
    dev = bed.deployer('dev', DEV_SETTINGS);
    await EmulatedBucket.create(bed.account.url, PROD_STATE_BUCKET);
    prod = bed.deployer(
      'prod',
      prodSettings(await requestCertificate(bed.account.url, 'broker.example.com')),
    );
    const results = await Promise.all([dev.deploy(), prod.deploy()]);
    for (const result of results) expectSuccess(result);
    // A figure to read, not a verdict: how long it takes is up to the machine. The commands have limits of their own.
    process.stderr.write(`dev was deployed from nothing in ${results[0].durationMs / 1000} s\n`);
    await putSecretValues(clients);
  });

  // Also when it never came up; then there is no bed.
  afterAll(() => (bed as DeploymentBed | undefined)?.stop());

  it('deploys four stacks from nothing', () => {
    expect(dev.stacks()).toEqual(stacksOf('dev'));
  });

  it('asks nothing of the emulator that it cannot do', () => {
    expect(bed.account.shim.breakdowns()).toEqual([]);
  });

  describe('what runs', () => {
    describeServices(devBroker);
  });

  describe('what wakes people', () => {
    describeAlarms(devBroker);
  });

  describe('what acts by itself', () => {
    describeRollback(devBroker, () => dev.stackFile('sandbox-broker-dev-rollback', 'assets/rollback.zip'));
  });

  describe('who can reach what', () => {
    describeExposure(devBroker);
  });

  describe('production', () => {
    describeProduction(() => deployedBroker(ENVIRONMENTS.prod, clients));
  });

  describe('a second plan', () => {
    let plans: StackPlan[];

    beforeAll(async () => {
      plans = await Promise.all([
        ...stacksOf('dev').map((stack) => dev.plan(stack)),
        ...stacksOf('prod').map((stack) => prod.plan(stack)),
      ]);
    });

    it.each([...stacksOf('dev'), ...stacksOf('prod')])('says "no changes" in %s', (stack) => {
      const plan = plans.find((one) => one.stack === stack);

      expect(plan && changesOf(plan)).toEqual([]);
      expect(plan?.output).toContain('No changes.');
    });
  });

  describe('a deploy of a larger worker, after people have scaled by hand', () => {
    let plan: StackPlan;
    let before: { inventory: string[]; api: unknown; worker: Record<string, unknown> };

    beforeAll(async () => {
      await scaleByHand(devBroker());
      before = {
        inventory: await accountInventory(clients),
        api: await taskDefinitionOf(devBroker(), 'apiService'),
        worker: { ...(await taskDefinitionOf(devBroker(), 'workerService')) },
      };
      plan = await dev.plan('sandbox-broker-dev-service', LARGER_WORKER);
      expectSuccess(await dev.deploy(LARGER_WORKER));
    });

    it('is planned to change exactly the task definition of the worker, and the service and the output that point to it', () => {
      expect(changesOf(plan)).toEqual([
        'aws_ecs_service.worker-service task_definition',
        'aws_ecs_task_definition.worker-task (delete, create)',
        'output worker_task_definition',
      ]);
    });

    it('gives the worker a new revision that differs in nothing but its size, and the heap that follows', async () => {
      const after = { ...(await taskDefinitionOf(devBroker(), 'workerService')) };

      expect(after).toMatchObject({
        cpu: '512',
        memory: '1024',
        revision: Number(before.worker.revision) + 1,
      });
      const { taskDefinitionArn, revision, registeredAt } = before.worker;
      const sameSize = { ...after, cpu: '256', memory: '512', taskDefinitionArn, revision, registeredAt };
      expect(heapOf(after)).not.toBe(heapOf(before.worker));
      expect(withHeap(sameSize, heapOf(before.worker))).toEqual(before.worker);
    });

    it('leaves the task definition of the API as it is', async () => {
      expect(await taskDefinitionOf(devBroker(), 'apiService')).toEqual(before.api);
    });

    it('adds nothing else to the account and takes nothing away: the old revision is there to go back to', async () => {
      const after = await accountInventory(clients);

      expect(without(before.inventory, after)).toEqual([]);
      expect(without(after, before.inventory)).toEqual([
        expect.stringMatching(/^task definition: .*sandbox-broker-dev-worker:2$/),
      ]);
    });

    it('keeps the API at the five tasks that somebody scaled it to', async () => {
      expect((await serviceOf(devBroker(), 'apiService')).desiredCount).toBe(5);
    });

    it('keeps the worker at zero, as a rollback left it', async () => {
      expect((await serviceOf(devBroker(), 'workerService')).desiredCount).toBe(0);
    });

    it('shows no secret in a task definition, a plan, a state file or on the terminal', async () => {
      const places = {
        'task definition of the API': JSON.stringify(await taskDefinitionOf(devBroker(), 'apiService')),
        'task definition of the worker': JSON.stringify(await taskDefinitionOf(devBroker(), 'workerService')),
        plan: plan.output + String(plan.json),
        terminal: dev.transcript() + prod.transcript(),
        ...(await dev.stateFiles()),
        ...(await prod.stateFiles()),
      };

      // Else nothing was searched.
      expect(Object.keys(places).filter((name) => name.endsWith('.tfstate'))).toHaveLength(8);
      expect(plan.json).toContain('aws_ecs_task_definition');
      for (const [place, text] of Object.entries(places)) {
        expect({ place, leaks: SECRET_VALUES.filter((value) => text.includes(value)) }).toEqual({
          place,
          leaks: [],
        });
      }
    });
  });

  describe('a deploy with another port of the API and other words in its security group', () => {
    const stack = 'sandbox-broker-dev-service';
    // AWS changes no description of a security group: it has to be another group.
    const [words, otherWords] = ['Tasks of the API: open', 'Tasks of the API, and no others: open'];
    const apply = (change: (configuration: string) => string): Promise<CommandResult> =>
      dev.applyChanged(stack, change, LARGER_WORKER);
    let before: ApiDoor;

    beforeAll(async () => {
      before = await apiDoor(devBroker());
      expectSuccess(await apply((text) => text.replaceAll('8080', '8081').replaceAll(words, otherWords)));
    });

    it('replaces target group and security group in one go, and leaves neither of the old ones', async () => {
      const after = await apiDoor(devBroker());

      expect(after.port).toBe(8081);
      expect(after.targetGroup).not.toBe(before.targetGroup);
      expect(after.securityGroup).not.toBe(before.securityGroup);
      expect(after.forwardedTo).toBe(after.targetGroup);
      const left = await accountInventory(clients);
      expect(
        left.filter((thing) => [before.targetGroup, before.securityGroup].includes(idOf(thing))),
      ).toEqual([]);
    });

    it('goes back in the same way', async () => {
      expectSuccess(await apply((text) => text.replaceAll('8081', '8080').replaceAll(otherWords, words)));
      expect((await apiDoor(devBroker())).port).toBe(8080);
    });
  });

  describe('cdktf destroy of the rollback alone', () => {
    it('leaves everything else as it is', async () => {
      const before = await accountInventory(clients);
      expectSuccess(await dev.destroy('sandbox-broker-dev-rollback'));
      const after = await accountInventory(clients);

      expect(without(after, before)).toEqual([]);
      const prefix = 'sandbox-broker-dev';
      expect(without(before, after).sort()).toEqual([
        `alarm: ${prefix}-rollback-dead-letters`,
        `alarm: ${prefix}-rollback-failed`,
        `function: ${prefix}-rollback`,
        `log group: /aws/lambda/${prefix}-rollback`,
        `queue: ${prefix}-rollback-dead-letters`,
        `role: ${prefix}-rollback`,
        `rule: ${prefix}-rollback`,
      ]);
      expect((await dev.plan('sandbox-broker-dev-service', LARGER_WORKER)).changes).toEqual([]);
    });
  });

  describe("cdktf destroy '*'", () => {
    let before: string[];

    beforeAll(async () => {
      before = await accountInventory(clients);
    });

    it('can be checked: every type of resource that was deployed is looked for', async () => {
      expect(without(await deployedTypes(dev), inventoriedTypes())).toEqual([]);
    });

    it('leaves nothing but revisions of task definitions, and all of production', async () => {
      const productionStates = Object.values(await prod.stateFiles()).join();
      // Autoscaling makes alarms of its own, which it names after the service.
      const isOfProduction = (thing: string): boolean =>
        productionStates.includes(`"${idOf(thing)}"`) ||
        thing.includes('TargetTracking-service/sandbox-broker-prod/');
      expect(before.filter(isOfProduction).length).toBeGreaterThan(0);

      expectSuccess(await dev.destroy());
      const after = await accountInventory(clients);

      expect(without(before.filter(isOfProduction), after)).toEqual([]);
      const left = without(after, emptyAccount).filter((thing) => !isOfProduction(thing));
      expect(left.filter((thing) => !/^task definition: .*sandbox-broker-dev-/.test(thing))).toEqual([]);
    });
  });
});

function expectSuccess({ exitCode, output }: CommandResult): void {
  // The last lines say what went wrong; Jest would show only the exit code.
  if (exitCode !== 0) throw new Error(`The command ended with ${String(exitCode)}:\n${output.slice(-6_000)}`);
}

/** As a person does after the first deploy. */
async function putSecretValues({ secrets }: AccountClients): Promise<void> {
  for (const environment of ['dev', 'prod']) {
    const names = ['broker-api-token', 'broker-admin-token', 'csp-api-token'];
    for (const [index, name] of names.entries()) {
      const SecretId = `sandbox-broker/${environment}/${name}`;
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: SECRET_VALUES[index] }));
    }
  }
}

/** The API is scaled out; the worker is put to sleep as the rollback does it: the parameter, then the service. */
async function scaleByHand({ clients: { ecs, ssm }, names }: DeployedBroker): Promise<void> {
  const { cluster, apiService, workerService, workerDesiredCountParameter } = names;
  await ecs.send(new UpdateServiceCommand({ cluster, service: apiService, desiredCount: 5 }));
  await ssm.send(new PutParameterCommand({ Name: workerDesiredCountParameter, Value: '0', Overwrite: true }));
  await ecs.send(new UpdateServiceCommand({ cluster, service: workerService, desiredCount: 0 }));
}

/** The Terraform types of everything that it has deployed, by its states. */
async function deployedTypes(deployer: Deployer): Promise<string[]> {
  const states = Object.entries(await deployer.stateFiles()).filter(([name]) => name.endsWith('.tfstate'));
  const resources = states.flatMap(
    ([, text]) => (JSON.parse(text) as { resources: { mode: string; type: string }[] }).resources,
  );
  return [...new Set(resources.filter(({ mode }) => mode === 'managed').map(({ type }) => type))].sort();
}

type Containers = Pick<TaskDefinition, 'containerDefinitions'>;

/** The options of Node.js of the one container. */
function heapOf({ containerDefinitions }: Containers): string | undefined {
  return containerDefinitions?.[0]?.environment?.find(({ name }) => name === 'NODE_OPTIONS')?.value;
}

/** The same with these options of Node.js. */
function withHeap<Definition extends Containers>(
  definition: Definition,
  value: string | undefined,
): Definition {
  const containerDefinitions = definition.containerDefinitions?.map((container) => ({
    ...container,
    environment: container.environment?.map((variable) =>
      variable.name === 'NODE_OPTIONS' ? { ...variable, value } : variable,
    ),
  }));
  return { ...definition, containerDefinitions };
}

function without(list: readonly string[], others: readonly string[]): string[] {
  return list.filter((element) => !others.includes(element));
}
