import { once } from 'node:events';
import { createServer } from 'node:net';
import { ProcessStartError, type ManagedProcess } from './managed-process';

/** Below the ports that systems take for outgoing connections, so that a free one stays free. */
const LOWEST_PORT = 10_240;
const HIGHEST_PORT = 32_000;
const MAX_TRIES = 100;
const MAX_STARTS = 3;

/** A port that somebody else listens on. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';

  constructor(readonly port: number) {
    super(`Port ${port} is taken by another program`);
  }
}

/** True if a server can listen on the port now, on all addresses as well as on 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port)) && (await canListen(port, '127.0.0.1'));
}

/** A port that is free at the moment, taken at random so that several systems can start at once. */
export async function findFreePort(random: () => number = Math.random): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = LOWEST_PORT + Math.floor(random() * (HIGHEST_PORT - LOWEST_PORT));
    if (await isPortFree(port)) return port;
  }
  throw new Error(`Found no free port between ${LOWEST_PORT} and ${HIGHEST_PORT}`);
}

export interface StartedOnPort {
  process: ManagedProcess;
  port: number;
}

/** Starts a process on this very port. */
export async function startOnPort(
  create: (port: number) => ManagedProcess,
  port: number,
): Promise<StartedOnPort> {
  const process = create(port);
  await process.start();
  return { process, port };
}

/** Starts a process on a free port; on another one if somebody takes it in the meantime. */
export async function startOnFreePort(create: (port: number) => ManagedProcess): Promise<StartedOnPort> {
  for (let tries = 1; ; tries++) {
    const port = await findFreePort();
    try {
      return await startOnPort(create, port);
    } catch (error) {
      const wasTaken = error instanceof ProcessStartError && !(await isPortFree(port));
      if (!wasTaken || tries === MAX_STARTS) throw error;
    }
  }
}

async function canListen(port: number, host?: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    const closed = once(server, 'close');
    server.close();
    await closed;
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE' || code === 'EACCES') return false;
    throw error;
  }
}
