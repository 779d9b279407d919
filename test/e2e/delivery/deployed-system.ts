import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { startEngine } from '../../../local/engine/engine';
import { CleanupStack } from '../../../local/processes/cleanup-stack';
import { startPortal, type Portal } from '../../../local/processes/portal-process';
import { Watchdog } from '../../../local/processes/watchdog';
import { ENVIRONMENTS } from '../../../stacks/environments';
import { BOOTSTRAP_PATH } from '../../../stacks/names';
import { API_PORT } from '../../../stacks/ports';
import { accountClients, type AccountClients } from '../deployment/support/account-clients';
import { CommandRunner, type CommandResult } from '../deployment/support/command-runner';
import { Deployer } from '../deployment/support/deployer';
import { permissionsForAll } from '../deployment/support/call-permissions';
import { deployedBroker, present, type DeployedBroker } from '../deployment/support/deployed-broker';
import { startEmulatedAccount, type EmulatedAccount } from '../deployment/support/emulated-account';
import { startRecordingProxy } from '../deployment/support/recording-proxy';
import { terraformEnvironment } from '../deployment/support/terraform-environment';
import { deploymentTools } from '../deployment/support/tools';
import type { Request } from '../../stacks/role-policies';
import { AwsFront } from '../ecs/aws-front';
import { EcsAgent } from '../ecs/ecs-agent';
import { RoleCredentialsEndpoint } from '../ecs/role-credentials';
import { TargetGroup } from '../ecs/target-group';
import { Admin } from '../support/admin-client';
import { Track } from '../support/broker-client';
import { buildImage } from '../image/built-image';
import { DeployedFunction } from './deployed-function';
import { readDeployedTable } from './deployed-table';
import { documentedCommands } from './documented-commands';
import { TableHands } from './table-hands';

const ROOT = join(__dirname, '../../..');
const ENVIRONMENT = ENVIRONMENTS.dev;
/** The emulator's account. */
const ACCOUNT_ID = '123456789012';
/** The whole walk through docs/deploy.md, on a busy machine: only one that hangs is killed. */
const DEPLOYMENT_TIMEOUT_MS = 1_200_000;
/** Chosen for the deployment: another length than the default, to be seen in what students get. */
export const LAB_DURATION_HOURS = 48;
/** Settings of the containers, the same in every deploy. */
const CONTAINER_SETTINGS = {
  TF_VAR_lab_duration_hours: String(LAB_DURATION_HOURS),
  // The table is slow while other tests keep the machine busy: no student's request is to fail for that.
  TF_VAR_allocate_time_budget_ms: '20000',
};
/** A health check of 15 s here takes 1.5 s. */
const HEALTH_CHECK_TIME_SCALE = 0.1;

/** An environment that was deployed as the documentation says, and whose services run. */
export interface DeployedSystem {
  broker: DeployedBroker;
  account: EmulatedAccount;
  accountId: string;
  portal: Portal;
  agent: EcsAgent;
  front: AwsFront;
  /** What the load balancer's name would lead to. */
  url: string;
  table: TableHands;
  /** Students' calls, through the load balancer. */
  track: Track;
  /** Admins' calls, the same way. */
  admin: Admin;
  /** Every JSON line of a log group so far, as CloudWatch has it. */
  logLines: (logGroup: string) => Promise<Record<string, unknown>[]>;
  /** What has happened to tasks, in words. */
  events: string[];
  /** Plans what was deployed. */
  deployer: Deployer;
  rollback: DeployedFunction;
  /** The last of the documented commands once more, as for an update. */
  deployAgain: () => Promise<CommandResult>;
  /** Plans all stacks as the pipelines do. */
  reportPlan: () => Promise<CommandResult>;
  /** What Terraform and the AWS CLI asked of the account for the documented deploys, or for `reportPlan`. */
  recorded: (section: 'deploy' | 'plan') => Request[];
  /** Runs a command of the on-call command line, e.g. `status --json`. */
  runBroker: (command: string) => Promise<CommandResult>;
  /** Notes how long something took here, for the documentation: no test depends on it. */
  measured: (what: string, durationMs: number) => void;
  stop: () => Promise<void>;
}

/** Deploys `dev` into an empty account by the commands of docs/deploy.md, and lets ECS's stand-in run what it finds. */
export async function startDeployedSystem({
  sandboxCount,
}: {
  sandboxCount: number;
}): Promise<DeployedSystem> {
  const cleanups = new CleanupStack();
  try {
    return await start(sandboxCount, cleanups);
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

async function start(sandboxCount: number, cleanups: CleanupStack): Promise<DeployedSystem> {
  const tools = deploymentTools();
  const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
  // Tasks run as another user.
  chmodSync(folder, 0o755);
  cleanups.add(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const watchdog = new Watchdog();
  cleanups.add(() => watchdog.stop());
  const runner = new CommandRunner(watchdog);
  cleanups.add(() => runner.stop());

  const account = await startEmulatedAccount(tools.emulatorCommand, folder, watchdog);
  cleanups.add(() => account.stop());
  const portal = await startPortal({ sandboxCount, watchdog }, cleanups);

  const recorder = await startRecordingProxy(account.url);
  cleanups.add(() => recorder.stop());
  const shell = shellIn(folder, { accountUrl: recorder.url, portal, runner, tools });
  const newcomer = { ...NEWCOMER, HOSTED_ZONE_ID: await makeHostedZone(shell) };
  const walk = [...documentedCommands('first deployment'), ...documentedCommands('host name')];
  await succeed(shell, walk.flatMap(inItsSection), newcomer);

  const repository = `${ACCOUNT_ID}.dkr.ecr.${ENVIRONMENT.awsRegion}.amazonaws.com/sandbox-broker-${ENVIRONMENT.name}`;
  const settings = {
    SANDBOX_BROKER_ENV: ENVIRONMENT.name,
    TF_VAR_wait_for_steady_state: 'false',
    TF_VAR_csp_base_url: portal.url,
    TF_VAR_container_image: `${repository}:1.0.0`,
    TF_VAR_alarm_email: NEWCOMER.ALARM_EMAIL,
    TF_VAR_certificate_arn: await printedBy(shell, CERTIFICATE_QUERY),
    TF_VAR_permissions_boundary_arn: `arn:aws:iam::${ACCOUNT_ID}:policy${BOOTSTRAP_PATH}sandbox-broker-${ENVIRONMENT.name}-boundary`,
    TF_STATE_BUCKET: `sandbox-broker-${ENVIRONMENT.name}-state-${ACCOUNT_ID}`,
    SANDBOX_BROKER_ACCOUNT_ID: ACCOUNT_ID,
    ...CONTAINER_SETTINGS,
  };
  const clients = accountClients(account.url);
  const broker = deployedBroker(ENVIRONMENT, clients);
  const { awsRegion: region, tableNames } = ENVIRONMENT;
  const engine = await startEngine({
    definition: await readDeployedTable(account.url, region, tableNames.table),
    watchdog,
  });
  cleanups.add(() => engine.stop());
  // The documented command has initialised the emulator's table, and a table that is another one counts as a copy.
  await succeed(shell, documentedCommands('first deployment').filter(isInitialisation), {
    ...settings,
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
  });
  const table = new TableHands(engine.endpoint, region, tableNames.table);
  cleanups.add(() => {
    table.close();
  });
  const credentials = new RoleCredentialsEndpoint(account.url, region);
  await credentials.start();
  cleanups.add(() => credentials.stop());
  const front = new AwsFront({
    region,
    accountId: ACCOUNT_ID,
    dynamodbEndpoint: engine.endpoint,
    awsEndpoint: account.url,
    roleOf: (accessKeyId) => credentials.roleOf(accessKeyId),
  });
  await front.start();
  cleanups.add(() => front.stop());

  const image = buildImage();
  cleanups.add(() => {
    image.remove();
  });
  const networkPreload = join(folder, 'task-network.cjs');
  copyFileSync(join(__dirname, '../ecs/task-network.cjs'), networkPreload);
  const events: string[] = [];
  const agent = new EcsAgent({
    accountEndpoint: account.url,
    awsEndpoint: front.url,
    region,
    cluster: broker.names.cluster,
    credentials,
    host: {
      imageFolder: image.workingFolder,
      imageEnvironment: { ...image.environment, PATH: dirname(image.node) },
      networkPreload,
      awsEndpoints: { AWS_ENDPOINT_URL: front.url },
      user: process.getuid?.() === 0 ? image.user : undefined,
      healthCheckTimeScale: HEALTH_CHECK_TIME_SCALE,
      watchdog,
    },
    onEvent: (message) => events.push(message),
  });
  agent.start();
  cleanups.add(() => agent.stop());
  const targetGroup = new TargetGroup(() =>
    agent.healthyTasksOf(broker.names.apiService).map(({ address }) => ({ address, port: API_PORT })),
  );
  await targetGroup.start();
  cleanups.add(() => targetGroup.stop());

  return {
    broker,
    account,
    accountId: ACCOUNT_ID,
    portal,
    agent,
    front,
    url: targetGroup.url,
    table,
    track: new Track([targetGroup.url], await secretOf(clients, 'broker-api-token')),
    admin: new Admin({
      apis: [targetGroup],
      brokerAdminToken: await secretOf(clients, 'broker-admin-token'),
    }),
    logLines: (logGroup) => logLines(clients, logGroup),
    events,
    deployer: new Deployer(folder, account.url, tools, runner, settings),
    rollback: await DeployedFunction.unpack(broker, {
      zipPath: join(folder, `cdktf.out/stacks/${broker.names.prefix}-rollback/assets/rollback.zip`),
      folder: join(folder, 'function'),
      awsUrl: front.url,
      credentials,
    }),
    deployAgain: () =>
      shell(documentedCommands('first deployment').slice(-1), { ...settings, REPOSITORY: repository }),
    reportPlan: () =>
      shell(
        [SECTION_COMMAND('plan'), `node scripts/plan-report.mjs ${ENVIRONMENT.name} "$CDKTF_OUTPUT/stacks"`],
        settings,
      ),
    recorded: (section) => permissionsForAll(recorder.section(section), { region, accountId: ACCOUNT_ID }),
    runBroker: (command) =>
      shell([`npm run --silent broker -- ${command} --env ${ENVIRONMENT.name}`], {
        AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      }),
    measured: (what, durationMs) => {
      process.stderr.write(`measured: ${what} after ${(durationMs / 1_000).toFixed(1)} s\n`);
    },
    stop: () => cleanups.run(),
  };
}

type Shell = (commands: string[], environment?: Record<string, string>) => Promise<CommandResult>;

interface ShellParts {
  accountUrl: string;
  portal: Portal;
  runner: CommandRunner;
  tools: ReturnType<typeof deploymentTools>;
}

/** A shell in a clone of the repository, with credentials of the account, as the documentation asks for. */
function shellIn(folder: string, { accountUrl, portal, runner, tools }: ShellParts): Shell {
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  copyFileSync(join(__dirname, 'docker-stand-in.sh'), join(programs, 'docker'));
  chmodSync(join(programs, 'docker'), 0o755);
  const base = terraformEnvironment(folder, accountUrl, tools);
  return (commands, environment = {}) =>
    runner.run({
      command: 'bash',
      args: ['-c', ['set -euo pipefail', ...commands].join('\n')],
      cwd: ROOT,
      env: {
        ...base,
        PATH: `${programs}:${base.PATH ?? ''}`,
        CSP_BASE_URL: portal.url,
        CSP_API_TOKEN: portal.apiToken,
        // Stacks and state lie in the test's folder, and a provider of a mirror is locked for this platform only.
        CDKTF_OUTPUT: join(folder, 'cdktf.out'),
        ...(tools.providerMirror === undefined ? {} : { CDKTF_SKIP_PROVIDER_LOCK: 'true' }),
        // The emulator itself starts no tasks, so that no service gets steady in its eyes.
        TF_VAR_wait_for_steady_state: 'false',
        ...CONTAINER_SETTINGS,
        ...environment,
      },
      timeoutMs: DEPLOYMENT_TIMEOUT_MS,
    });
}

/** What docs/deploy.md asks to be set, beside the portal. */
const NEWCOMER = {
  GITHUB_REPOSITORY: 'example/sandbox-broker',
  ALARM_EMAIL: 'on-call@example.com',
  HOST_NAME: 'broker.example.com',
};

const CERTIFICATE_QUERY =
  "aws acm list-certificates --query 'CertificateSummaryList[0].CertificateArn' --output text";

/** The zone of the newcomer's host name, which is there before. */
async function makeHostedZone(shell: Shell): Promise<string> {
  const zone = await printedBy(
    shell,
    'aws route53 create-hosted-zone --name example.com --caller-reference newcomer --query HostedZone.Id --output text',
  );
  return zone.replace('/hostedzone/', '');
}

async function printedBy(shell: Shell, command: string): Promise<string> {
  // Version 1 of the AWS CLI reads this name only.
  const { exitCode, stdout, output } = await shell([command], { AWS_DEFAULT_REGION: ENVIRONMENT.awsRegion });
  if (exitCode !== 0) throw new Error(`${command} ended with ${String(exitCode)}:\n${output}`);
  return stdout.trim();
}

const SECTION_COMMAND = (name: string): string => `curl -fsS -X PUT "$AWS_ENDPOINT_URL/.section/${name}"`;

/** The block, after a note of whether it is one that a pipeline runs later. */
function inItsSection(block: string): string[] {
  return [SECTION_COMMAND(block.includes('npm run cdktf -- deploy') ? 'deploy' : 'by-hand'), block];
}

const isInitialisation = (command: string): boolean => command.includes('broker -- initialise');

/** @throws Error with the last lines of the output when a command fails. */
async function succeed(
  shell: Shell,
  commands: string[],
  environment: Record<string, string> = {},
): Promise<void> {
  const { exitCode, output } = await shell(commands, environment);
  if (exitCode === 0) return;
  throw new Error(`The documented commands ended with ${String(exitCode)}:\n${output.slice(-6_000)}`);
}

async function secretOf({ secrets }: AccountClients, name: string): Promise<string> {
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: `sandbox-broker/${ENVIRONMENT.name}/${name}` }),
  );
  return present(SecretString);
}

async function logLines({ logs }: AccountClients, logGroupName: string): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
    // Node.js and the SDK may have a warning to give beside our lines.
    const ours = events.map(({ message = '' }) => message).filter((message) => message.startsWith('{'));
    lines.push(...ours.map((message) => JSON.parse(message) as Record<string, unknown>));
  }
  return lines;
}
