/** How a call is tried again. Times are milliseconds. */
export interface RetryOptions {
  /** For one attempt, its answer's body included. A call may stand in line for ten seconds. */
  attemptTimeoutMs: number;
  /** For all attempts and the waits between them. When it or the tries are used up, the last answer, or error, is the call's. */
  deadlineMs: number;
  /** Attempts, the first one included. */
  maxTries: number;
  /** The most that is waited before the second attempt; it doubles with each further one. */
  baseDelayMs: number;
  /** The most that is waited where the broker does not say how long. */
  maxDelayMs: number;
}

export const DEFAULT_RETRY_OPTIONS: RetryOptions = {
  attemptTimeoutMs: 15_000,
  deadlineMs: 120_000,
  maxTries: Infinity,
  baseDelayMs: 250,
  maxDelayMs: 10_000,
};

/** What a test replaces. */
export interface Surroundings {
  fetch: (request: Request) => Promise<Response>;
  /** Resolves after that time; rejects when the signal ends it. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  nowMs: () => number;
  /** From 0 to 1, 1 excluded. */
  random: () => number;
}

const REAL_SURROUNDINGS: Surroundings = {
  fetch: (request) => fetch(request),
  sleep,
  nowMs: () => performance.now(),
  random: Math.random,
};

/** No attempt was answered in the time that there was. `cause` is what the last one met. */
export class BrokerUnreachableError extends Error {
  override readonly name = 'BrokerUnreachableError';
}

/**
 * A `fetch` that tries again when the broker asks for it (`Retry-After`), fails (5xx), or does not answer. Each attempt
 * sends the same headers, by which the broker knows the call again: every call of its API may be repeated.
 *
 * The wait is what `Retry-After` says and a random bit more; without one, a random time that may grow with each attempt
 * ("full jitter"), so that a class that failed at once does not come back at once.
 *
 * @returns a function that rejects with {@link BrokerUnreachableError}, or with the reason of the request's own signal.
 */
export function retryingFetch(
  options: Partial<RetryOptions> = {},
  surroundings: Partial<Surroundings> = {},
): (request: Request) => Promise<Response> {
  const { attemptTimeoutMs, deadlineMs, maxTries, baseDelayMs, maxDelayMs } = {
    ...DEFAULT_RETRY_OPTIONS,
    ...options,
  };
  const { fetch: send, sleep: wait, nowMs, random } = { ...REAL_SURROUNDINGS, ...surroundings };

  const attempt = async (request: Request, timeoutMs: number): Promise<Response> => {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    const response = await send(new Request(request.clone(), { signal }));
    // Read here, so that an answer that breaks off is tried again, too.
    const body = await response.arrayBuffer();
    const { status, statusText, headers } = response;
    return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers });
  };

  return async (request) => {
    const endMs = nowMs() + deadlineMs;
    for (let tries = 1; ; tries += 1) {
      let answer: Response | undefined;
      let failure: unknown;
      try {
        answer = await attempt(request, Math.ceil(Math.min(attemptTimeoutMs, Math.max(1, endMs - nowMs()))));
      } catch (error) {
        request.signal.throwIfAborted();
        failure = error;
      }
      // A run that goes on tells with 202 when to ask after it: that is no wish to have it started again.
      const askedMs = answer && answer.status >= 400 ? retryAfterMs(answer) : undefined;
      if (answer && askedMs === undefined && answer.status < 500) return answer;
      const jitterMs = random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (tries - 1));
      const delayMs = (askedMs ?? 0) + jitterMs;
      if (tries >= maxTries || nowMs() + delayMs >= endMs) {
        if (answer) return answer;
        throw new BrokerUnreachableError(`the broker did not answer (tries: ${tries})`, {
          cause: failure,
        });
      }
      await wait(delayMs, request.signal);
    }
  };
}

/** What an answer asks to wait; `undefined` if it does not. The broker sends whole seconds. */
function retryAfterMs(answer: Response): number | undefined {
  const text = answer.headers.get('Retry-After');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
