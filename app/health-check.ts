import { get } from 'node:http';

/*
 * The containers' health check: asks the URL that it is given, exits 0 when the answer is a 2xx, and otherwise 1 with
 * a line that says why. A program of its own, because the image has no curl and need not have a shell.
 */

/** Less than the 5 s after which ECS gives a check up by default, so that the reason is still printed. */
const TIMEOUT_MS = 3_000;

/** The answer's HTTP status; rejects when none came in time. */
function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    get(url, { signal, agent: false }, (response) => {
      resolve(response.statusCode ?? 0);
    }).on('error', (error) => {
      reject(signal.aborted ? new Error(`no answer within ${TIMEOUT_MS} ms`) : error);
    });
  });
}

function exit(fault?: string): never {
  if (fault !== undefined) process.stderr.write(`unhealthy: ${fault}\n`);
  process.exit(fault === undefined ? 0 : 1);
}

statusOf(process.argv[2] ?? '').then(
  (status) => exit(status >= 200 && status < 300 ? undefined : `status ${status}`),
  (error: unknown) => exit(error instanceof Error ? error.message : String(error)),
);
