import { join } from 'node:path';
import { ManagedProcess } from '../../../../local/processes/managed-process';
import { startOnFreePort } from '../../../../local/processes/ports';
import type { Watchdog } from '../../../../local/processes/watchdog';
import { startShimProxy, type ShimProxy } from './shim-proxy';

/** An empty AWS account on this machine: the emulator, and the shim before it. */
export interface EmulatedAccount {
  /** Where its API is; goes into AWS_ENDPOINT_URL. */
  url: string;
  shim: ShimProxy;
  stop: () => Promise<void>;
}

/** A Python program that imports this much is slow to start on a busy machine. */
const START_TIMEOUT_MS = 60_000;

/** Starts one. The emulator's output goes to a file in the folder. */
export async function startEmulatedAccount(
  emulatorCommand: string,
  folder: string,
  watchdog: Watchdog,
): Promise<EmulatedAccount> {
  const { process: emulator, port } = await startOnFreePort(
    (port) =>
      new ManagedProcess({
        role: 'AWS emulator',
        command: emulatorCommand,
        args: ['--host', '127.0.0.1', '--port', String(port)],
        env: {
          ...definedOf(process.env),
          // AWS's managed policies exist only when asked for.
          MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
          // A certificate is issued when it is looked at for the second time, instead of a minute later.
          MOTO_ACM_VALIDATION_WAIT: '0',
        },
        isReady: () => answers(`http://127.0.0.1:${port}/moto-api/data.json`),
        watchdog,
        logFile: join(folder, 'emulator.log'),
        readyTimeoutMs: START_TIMEOUT_MS,
      }),
  );
  const shim = await startShimProxy(`http://127.0.0.1:${port}`);
  return {
    url: shim.url,
    shim,
    stop: async () => {
      await shim.stop();
      await emulator.stop();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
