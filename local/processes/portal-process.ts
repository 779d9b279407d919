import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answersOk } from './answers';
import { baseEnvironment } from './base-environment';
import type { CleanupStack } from './cleanup-stack';
import { ManagedProcess } from './managed-process';
import { newToken } from '../new-token';
import type { PortalSimulatorOptions } from '../portal/portal-simulator';
import { startOnFreePort } from './ports';
import type { Watchdog } from './watchdog';

/** Lets Node.js run TypeScript as it is. */
const TSX_LOADER = pathToFileURL(require.resolve('tsx')).href;

export interface PortalProcessOptions extends Omit<PortalSimulatorOptions, 'port' | 'apiToken'> {
  watchdog: Watchdog;
  logFile?: string;
}

/** A portal simulator that answers. */
export interface Portal {
  url: string;
  apiToken: string;
  process: ManagedProcess;
}

/** Starts the portal simulator as a process of its own, on a free port of 127.0.0.1. */
export async function startPortal(options: PortalProcessOptions, cleanups: CleanupStack): Promise<Portal> {
  const { watchdog, logFile, ...settings } = options;
  const apiToken = newToken();
  const { process: portal, port } = await startOnFreePort(
    (port) =>
      new ManagedProcess({
        role: 'csp',
        command: process.execPath,
        args: ['--import', TSX_LOADER, join(__dirname, '..', 'portal', 'main.ts')],
        env: { ...baseEnvironment(), PORTAL_SIMULATOR: JSON.stringify({ ...settings, port, apiToken }) },
        isReady: () => answersOk(`http://127.0.0.1:${port}/simulator/faults`),
        watchdog,
        logFile,
      }),
  );
  cleanups.add(() => portal.stop());
  return { url: `http://127.0.0.1:${port}`, apiToken, process: portal };
}
