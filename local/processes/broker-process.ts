import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answersOk } from './answers';
import { baseEnvironment } from './base-environment';
import type { CleanupStack } from './cleanup-stack';
import { ManagedProcess } from './managed-process';
import { startOnFreePort, startOnPort } from './ports';
import { keepRunning, type RespawnOptions } from './respawn';
import type { Watchdog } from './watchdog';

export interface BrokerProcessOptions {
  /** What people call it, e.g. `api-1` or `worker`. */
  role: string;
  /** The program: one of the bundles that the container image runs too. */
  entry: string;
  port: number | 'free';
  /** The variable that takes the port. */
  portVariable: 'PORT' | 'WORKER_PORT';
  environment: Record<string, string>;
  /** Restarts it when it ends unasked. */
  respawn?: RespawnOptions;
  watchdog: Watchdog;
  logFile?: string;
}

/** A process of ours that answers. */
export interface BrokerInstance {
  /** Without the base path. */
  url: string;
  process: ManagedProcess;
}

/** The bundle of a process. */
export function bundle(name: 'api' | 'worker'): string {
  return join(__dirname, '..', '..', 'dist', `${name}.js`);
}

/** Starts an API or worker process, as one task of its service in production. It is ready when its /healthz is. */
export async function startBrokerProcess(
  options: BrokerProcessOptions,
  cleanups: CleanupStack,
): Promise<BrokerInstance> {
  const { entry, port: wanted } = options;
  if (!existsSync(entry)) throw new Error(`${entry} is missing: run "npm run build" first`);
  const create = (port: number): ManagedProcess => brokerProcess(options, port);

  const { process, port } =
    wanted === 'free' ? await startOnFreePort(create) : await startOnPort(create, wanted);
  const leaveAlone = options.respawn && keepRunning(process, options.respawn);
  cleanups.add(() => {
    leaveAlone?.();
    return process.stop();
  });
  return { url: `http://127.0.0.1:${port}`, process };
}

function brokerProcess(options: BrokerProcessOptions, port: number): ManagedProcess {
  return new ManagedProcess({
    role: options.role,
    command: process.execPath,
    args: ['--enable-source-maps', options.entry],
    env: { ...baseEnvironment(), ...options.environment, [options.portVariable]: String(port) },
    isReady: () => answersOk(`http://127.0.0.1:${port}/healthz`),
    watchdog: options.watchdog,
    logFile: options.logFile,
  });
}
