import { answerQuestions } from '../child-process';
import { epochMs } from '../clock';
import type { LoadQuestions } from './load-generator';
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
  fire: async (lanes) => {
    const cpuBefore = process.cpuUsage();
    const answers = await Promise.all(lanes.map((requests, lane) => sendAll(requests, lane)));
    const { user, system } = process.cpuUsage(cpuBefore);
    return { answers, cpuMs: (user + system) / 1_000 };
  },
});

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
