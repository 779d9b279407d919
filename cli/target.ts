import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_TABLE_NAMES, type TableNames } from '../app/store/table';
import { deployedNames } from '../stacks/names';
import { DeploymentSettingError, environmentNamed, type Environment } from '../stacks/environments';

/** The table as every target has it. */
export interface TableTarget {
  tableNames: TableNames;
  region: string;
  endpoint?: string;
}

/** A deployed environment, by the names of what is in it. */
export interface AwsTarget {
  kind: 'aws';
  environment: string;
  cluster: string;
  apiService: string;
  workerService: string;
  desiredCountParameter: string;
  alarmNamePrefix: string;
  table: TableTarget;
  /** The options that name something else than the environment's own, as they are typed. */
  options: readonly string[];
  /** The variables that send the SDK to another place than AWS, as `NAME=value`. */
  endpointVariables: readonly string[];
}

/** The local system of `npm start`: a table and processes, without anything of AWS. */
export interface LocalTarget {
  kind: 'local';
  /** Found by the file that `npm start` writes, rather than named by the person. */
  isFound: boolean;
  table: TableTarget & { endpoint: string };
  /** The options that name something else than usual, as they are typed. */
  options: readonly string[];
}

export type Target = AwsTarget | LocalTarget;

/** The options that choose a target. Each name that is not given is the environment's own. */
export interface TargetOptions {
  env?: string;
  region?: string;
  cluster?: string;
  apiService?: string;
  workerService?: string;
  parameter?: string;
  alarmPrefix?: string;
  table?: string;
  local?: boolean;
  endpointDynamodb?: string;
}

/** The command line, or the environment behind it, does not say clearly what to act on. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** The options that name a part of a deployed environment. */
const NAME_OPTIONS = [
  'cluster',
  'apiService',
  'workerService',
  'parameter',
  'alarmPrefix',
  'table',
] as const satisfies readonly (keyof TargetOptions)[];

const ENVIRONMENT_FILE = join(__dirname, '..', '.local', 'environment.json');

/**
 * What to act on. The local system is chosen by `--local`, `--endpoint-dynamodb` or `DDB_ENDPOINT_URL`.
 *
 * @throws TargetError for an unknown environment, and when the local system and a deployed one are asked for at once:
 * a variable left over in a shell must not let a person believe that production was acted on.
 */
export function resolveTarget(
  options: TargetOptions,
  variables: NodeJS.ProcessEnv,
  environmentFile = ENVIRONMENT_FILE,
): Target {
  const endpointVariable = nonEmpty(variables.DDB_ENDPOINT_URL);
  const isLocalOption = options.local === true || options.endpointDynamodb !== undefined;
  if (isLocalOption) {
    const deployed = deployedOptions(options)[0];
    if (deployed !== undefined) {
      throw new TargetError(
        `--${deployed} belongs to a deployed environment: it does not go with the local system.`,
      );
    }
    return localTarget(options, variables, options.endpointDynamodb ?? endpointVariable, environmentFile);
  }
  if (endpointVariable === undefined) return awsTarget(options, variables);
  const chosen = deployedOptions(options)[0];
  if (chosen !== undefined || nonEmpty(variables.SANDBOX_BROKER_ENV) !== undefined) {
    const why = chosen === undefined ? 'SANDBOX_BROKER_ENV' : `--${chosen}`;
    throw new TargetError(
      `DDB_ENDPOINT_URL names a local table, but ${why} a deployed environment. ` +
        'Unset DDB_ENDPOINT_URL to act on the deployed one, or say --local.',
    );
  }
  return localTarget(options, variables, endpointVariable, environmentFile);
}

/** How people call a target. A variable that sends calls to another place than AWS is named, so that nobody is misled. */
export function describeTarget(target: Target): string {
  if (target.kind === 'local') {
    return `local system, table ${target.table.tableNames.table} at ${target.table.endpoint}`;
  }
  const { environment, cluster, table, endpointVariables } = target;
  const through = endpointVariables.length > 0 ? `, through ${endpointVariables.join(', ')}` : '';
  return `${environment}: cluster ${cluster} in ${table.region}${through}`;
}

/** The command line that a person types for something else on the same target. */
export function commandLine(target: Target, command: string): string {
  const where =
    target.kind === 'aws'
      ? `--env ${target.environment}`
      : target.isFound
        ? '--local'
        : `--endpoint-dynamodb ${target.table.endpoint}`;
  return ['npm run broker --', command, where, ...target.options].join(' ');
}

function awsTarget(options: TargetOptions, variables: NodeJS.ProcessEnv): AwsTarget {
  const environment = environmentOf(options.env ?? variables.SANDBOX_BROKER_ENV);
  const names = deployedNames(environment);
  return {
    kind: 'aws',
    environment: environment.name,
    cluster: options.cluster ?? names.cluster,
    apiService: options.apiService ?? names.apiService,
    workerService: options.workerService ?? names.workerService,
    desiredCountParameter: options.parameter ?? names.workerDesiredCountParameter,
    alarmNamePrefix: options.alarmPrefix ?? names.prefix,
    table: {
      tableNames: { ...environment.tableNames, table: options.table ?? environment.tableNames.table },
      // Not the shell's AWS_REGION: an environment is where it was deployed.
      region: options.region ?? environment.awsRegion,
    },
    options: typed(options, ['region', ...NAME_OPTIONS]),
    endpointVariables: endpointVariables(variables),
  };
}

function environmentOf(name: string | undefined): Environment {
  try {
    return environmentNamed(name);
  } catch (error) {
    if (error instanceof DeploymentSettingError) {
      throw new TargetError(error.message.replace('SANDBOX_BROKER_ENV', 'The environment'), { cause: error });
    }
    throw error;
  }
}

function localTarget(
  { table }: TargetOptions,
  variables: NodeJS.ProcessEnv,
  named: string | undefined,
  environmentFile: string,
): LocalTarget {
  const running = named === undefined ? readRunningSystem(environmentFile) : undefined;
  const endpoint = named ?? running?.endpoint;
  if (endpoint === undefined) {
    throw new TargetError(
      'No local system is running here: start one with npm start, or name its table with --endpoint-dynamodb.',
    );
  }
  if (!/^https?:\/\/[^/]/.test(endpoint)) {
    throw new TargetError(`"${endpoint}" is no URL such as http://127.0.0.1:8000.`);
  }
  return {
    kind: 'local',
    isFound: named === undefined,
    table: {
      endpoint,
      region: 'us-east-1',
      tableNames: {
        table: table ?? nonEmpty(variables.DDB_TABLE_NAME) ?? running?.table ?? DEFAULT_TABLE_NAMES.table,
        statusIndex: nonEmpty(variables.DDB_GSI1_NAME) ?? DEFAULT_TABLE_NAMES.statusIndex,
        trackIndex: nonEmpty(variables.DDB_GSI2_NAME) ?? DEFAULT_TABLE_NAMES.trackIndex,
        nameIndex: nonEmpty(variables.DDB_GSI3_NAME) ?? DEFAULT_TABLE_NAMES.nameIndex,
      },
    },
    options: typed({ table }, ['table']),
  };
}

/** `npm start` writes where it is, and removes the file when it ends. */
function readRunningSystem(path: string): { endpoint: string; table: string } | undefined {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as { dynamodb_endpoint: string; table: string };
    return { endpoint: file.dynamodb_endpoint, table: file.table };
  } catch {
    return undefined;
  }
}

/** The options given that only a deployed environment has. */
function deployedOptions(options: TargetOptions): string[] {
  const names = ['env', 'region', ...NAME_OPTIONS.filter((name) => name !== 'table')] as const;
  return names.filter((name) => options[name] !== undefined).map(toFlag);
}

/** Options as a person types them again. */
function typed(options: TargetOptions, names: readonly (keyof TargetOptions)[]): string[] {
  return names.flatMap((name) => {
    const value = options[name];
    return typeof value === 'string' ? [`--${toFlag(name)} ${quoted(value)}`] : [];
  });
}

function toFlag(name: keyof TargetOptions): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function quoted(value: string): string {
  return /^[\w./:@=-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** What the SDK follows, for all services or for one. */
function endpointVariables(variables: NodeJS.ProcessEnv): string[] {
  return Object.entries(variables)
    .filter(([name, value]) => /^AWS_ENDPOINT_URL(_[A-Z0-9_]+)?$/.test(name) && nonEmpty(value) !== undefined)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort();
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
