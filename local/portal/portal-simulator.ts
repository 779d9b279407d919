import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeletionLog } from './deletion-log';
import { PortalAccounts } from './portal-accounts';
import { faultsSchema, FaultInjector, type PortalFaultSettings } from './portal-faults';
import { portalApp } from './portal-routes';

export interface PortalSimulatorOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  apiToken: string;
  /** Active sandboxes to begin with. */
  sandboxCount: number;
  namePrefix?: string;
  /** Keeps the number of active sandboxes up, a few at a time, as the portal's owners would. */
  refill?: RefillOptions;
}

export interface RefillOptions {
  targetCount: number;
  intervalMs: number;
  maxPerInterval: number;
}

export interface PortalSimulator {
  /** What the broker calls `CSP_BASE_URL`. */
  url: string;
  accounts: PortalAccounts;
  log: DeletionLog;
  /** Replaces all faults; what is left out is in order from now on. Throws on settings that make no sense. */
  setFaults(settings: PortalFaultSettings): void;
  /** Cuts all connections and closes the port. */
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for the Cloud Services Portal on 127.0.0.1. Rejects with the system's error, e.g. `EADDRINUSE`,
 * if it cannot listen.
 */
export async function startPortalSimulator(options: PortalSimulatorOptions): Promise<PortalSimulator> {
  const accounts = new PortalAccounts();
  accounts.createSandboxes(options.sandboxCount, options.namePrefix);
  const faults = new FaultInjector();
  const log = new DeletionLog();

  const server = createServer(portalApp({ apiToken: options.apiToken, accounts, faults, log }));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const refilling = options.refill && startRefill(accounts, options.refill, options.namePrefix);

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accounts,
    log,
    setFaults: (settings) => {
      faults.set(faultsSchema.parse(settings));
    },
    stop: async () => {
      clearInterval(refilling);
      await close(server);
    },
  };
}

function startRefill(accounts: PortalAccounts, refill: RefillOptions, namePrefix?: string): NodeJS.Timeout {
  return setInterval(() => {
    const missing = refill.targetCount - accounts.activeSandboxes().length;
    if (missing > 0) accounts.createSandboxes(Math.min(missing, refill.maxPerInterval), namePrefix);
  }, refill.intervalMs);
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
