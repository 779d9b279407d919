import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_TABLE_NAMES,
  tableDefinition,
  type TableDefinition,
  type TableNames,
} from '../../app/store/table';
import { answers } from '../processes/answers';
import { baseEnvironment } from '../processes/base-environment';
import { describeTable, ensureTable, localDynamoClient } from './ensure-table';
import { useLocalCredentials } from './local-credentials';
import { ManagedProcess } from '../processes/managed-process';
import { startOnFreePort } from '../processes/ports';
import { EngineMissingError, resolveEngine, type EngineChoice } from './resolve-engine';
import { describeTableOutput } from './table-schema';
import { Watchdog } from '../processes/watchdog';

export interface EngineOptions {
  tableNames?: TableNames;
  /** The table as somebody else has defined it; ours by these names, unless one is given. */
  definition?: TableDefinition;
  choice?: EngineChoice;
  /** Its own, unless one is given. */
  watchdog?: Watchdog;
  logFile?: string;
  /** Keeps the data in this file, so that an engine which is killed has it again when it is restarted. */
  dataFile?: string;
}

/** A DynamoDB-compatible engine that answers, with the table in it. */
export interface Engine {
  endpoint: string;
  /** Undefined when it was there before us: then nobody here ends it either. */
  process?: ManagedProcess;
  /** Ends it, and with it all that it holds. */
  stop(): Promise<void>;
}

/**
 * Starts the engine, empty and in memory unless a file is named, or connects to the one of DDB_ENDPOINT_URL; makes the table; and sets this
 * process's AWS credentials to local ones. Throws {@link EngineMissingError} when there is none.
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  useLocalCredentials();
  const definition = options.definition ?? tableDefinition(options.tableNames ?? DEFAULT_TABLE_NAMES);
  const choice = options.choice ?? resolveEngine();
  return choice.kind === 'endpoint'
    ? connectEngine(choice.url, definition)
    : startBinary(choice.path, definition, options);
}

async function connectEngine(endpoint: string, definition: TableDefinition): Promise<Engine> {
  const client = localDynamoClient(endpoint);
  try {
    await describeTable(client, definition.name).catch((error: unknown) => {
      const reason = error instanceof Error && error.message !== '' ? error.message : String(error);
      throw new EngineMissingError(`No DynamoDB engine answers at DDB_ENDPOINT_URL=${endpoint}: ${reason}`);
    });
    await ensureTable(client, definition);
  } finally {
    client.destroy();
  }
  return { endpoint, stop: () => Promise.resolve() };
}

async function startBinary(
  path: string,
  definition: TableDefinition,
  options: EngineOptions,
): Promise<Engine> {
  const watchdog = options.watchdog ?? new Watchdog();
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-broker-engine-'));
  const cleanUp = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true });
    if (watchdog !== options.watchdog) await watchdog.stop();
  };
  try {
    const schemaFile = join(directory, 'table.json');
    await writeFile(schemaFile, JSON.stringify(describeTableOutput(definition)));
    const { process, port } = await startOnFreePort((port) =>
      engineProcess({
        path,
        port,
        schemaFile,
        definition,
        watchdog,
        logFile: options.logFile,
        dataFile: options.dataFile,
      }),
    );
    const endpoint = endpointAt(port);
    return {
      endpoint,
      process,
      stop: async () => {
        await process.stop();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

interface BinaryOptions {
  path: string;
  port: number;
  schemaFile: string;
  definition: TableDefinition;
  watchdog: Watchdog;
  logFile?: string;
  dataFile?: string;
}

function engineProcess({
  path,
  port,
  schemaFile,
  definition,
  watchdog,
  logFile,
  dataFile,
}: BinaryOptions): ManagedProcess {
  const data = dataFile === undefined ? [] : ['--db-path', dataFile];
  return new ManagedProcess({
    role: 'engine',
    command: path,
    args: ['serve', '--host', '127.0.0.1', '--port', String(port), '--schema', schemaFile, ...data],
    env: baseEnvironment(),
    isReady: () => hasTable(endpointAt(port), definition),
    watchdog,
    logFile,
  });
}

function endpointAt(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** The schema file scaffolds the table but says nothing of its TTL, so that is seen to here. */
async function hasTable(endpoint: string, definition: TableDefinition): Promise<boolean> {
  if (!(await answers(endpoint))) return false;
  const client = localDynamoClient(endpoint);
  try {
    await ensureTable(client, definition);
    return true;
  } finally {
    client.destroy();
  }
}
