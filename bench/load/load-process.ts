import { setTimeout as delay } from 'node:timers/promises';
import { answerQuestions } from '../child-process';
import { epochMs } from '../clock';
import type { LoadQuestions, PacedRequest } from './load-generator';
import { NO_ANSWER, RawConnection, type TimedAnswer } from './raw-connection';

/*
 * The load generator's process. It opens its connections first, and does nothing else between a call and its answer.
 */

let connections: RawConnection[] = [];

answerQuestions<LoadQuestions>({
  open: async (ports) => {
    for (const connection of connections) connection.close();
    connections = await Promise.all(ports.map((port) => RawConnection.open(port)));
  },
  fire: (lanes) => measured(() => Promise.all(lanes.map((requests, lane) => sendAll(requests, lane)))),
  pace: (requests) =>
    measured(async () => {
      const idle = new IdleConnections();
      try {
        return await Promise.all(requests.map((request) => sendInTime(request, idle)));
      } finally {
        idle.close();
      }
    }),
});

async function measured<T>(send: () => Promise<T>): Promise<{ answers: T; cpuMs: number }> {
  const cpuBefore = process.cpuUsage();
  const answers = await send();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { answers, cpuMs: (user + system) / 1_000 };
}

/** Connections on which no call is under way, by port. */
class IdleConnections {
  readonly #byPort = new Map<number, RawConnection[]>();

  async take(port: number): Promise<RawConnection> {
    return this.#byPort.get(port)?.pop() ?? RawConnection.open(port);
  }

  putBack(port: number, connection: RawConnection): void {
    this.#byPort.set(port, [...(this.#byPort.get(port) ?? []), connection]);
  }

  close(): void {
    for (const connection of [...this.#byPort.values()].flat()) connection.close();
  }
}

/** The time counts from when the request is written: opening a connection is no part of a call. */
async function sendInTime(
  { port, request, afterMs }: PacedRequest,
  idle: IdleConnections,
): Promise<TimedAnswer> {
  await delay(afterMs);
  let connection: RawConnection | undefined;
  let startedAtMs = epochMs();
  try {
    connection = await idle.take(port);
    startedAtMs = epochMs();
    const answer = await connection.send(request);
    idle.putBack(port, connection);
    return answer;
  } catch (error) {
    connection?.close();
    return { status: NO_ANSWER, body: String(error), startedAtMs, endedAtMs: epochMs() };
  }
}

/** One after the other on the lane's connection. */
async function sendAll(requests: string[], lane: number): Promise<TimedAnswer[]> {
  const connection = connections[lane];
  if (connection === undefined) throw new Error(`Lane ${lane} has no connection`);
  const answers: TimedAnswer[] = [];
  for (const request of requests) {
    const startedAtMs = epochMs();
    const failed = (error: Error): TimedAnswer => ({
      status: NO_ANSWER,
      body: error.message,
      startedAtMs,
      endedAtMs: epochMs(),
    });
    answers.push(await connection.send(request).catch(failed));
  }
  return answers;
}
