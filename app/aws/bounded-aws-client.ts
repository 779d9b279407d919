import { BoundedHttpHandler, type BoundedHttpHandlerOptions } from './bounded-http-handler';

/** Where AWS is. */
export interface AwsLocation {
  region: string;
  /** Another place than AWS, for local systems and tests. Without it the SDK's own `AWS_ENDPOINT_URL` counts. */
  endpoint?: string;
  /** Without them the SDK looks for credentials in its usual places. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** How long the calls of a client may take. Times are milliseconds. */
export interface CallLimits extends BoundedHttpHandlerOptions {
  /**
   * Attempts at a call, the first included. The SDK retries only while its retry quota lasts, which a client's calls
   * share: about 17 calls that time out exhaust it, and from then on each is attempted once, until calls succeed again.
   */
  maxAttempts: number;
  /** The whole call: credentials, all attempts and the delays between them. */
  callTimeoutMs: number;
}

/** What a client constructor gets. */
export interface BoundedClientOptions extends AwsLocation {
  maxAttempts: number;
  requestHandler: BoundedHttpHandler;
}

/** A call exceeded its bound. A write may have been applied. */
export class CallTimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(timeoutMs: number) {
    super(`no result within ${timeoutMs} ms`);
  }
}

interface SendOptions {
  abortSignal?: AbortSignal;
}

type Send = (command: unknown, options?: SendOptions) => Promise<unknown>;

/**
 * Creates an AWS client in which every call ends: with a response, or with an error within its limits. That also holds
 * for what the SDK itself does not limit, such as a credentials provider that does not answer.
 *
 * A caller's `abortSignal` ends a call at once with an `AbortError`; its reason is the cause.
 *
 * @param onCall is told how each call ended: with an error, or (`undefined`) without one.
 */
export function boundedAwsClient<Client extends { send: unknown }>(
  ClientClass: new (options: BoundedClientOptions) => Client,
  location: AwsLocation,
  { maxAttempts, callTimeoutMs, ...limits }: CallLimits,
  onCall?: (error: unknown) => void,
): Client {
  const client = new ClientClass({
    ...location,
    maxAttempts,
    requestHandler: new BoundedHttpHandler(limits),
  });
  const send = (client.send as Send).bind(client);
  const boundedSend: Send = async (command, options) => {
    const call = within(callTimeoutMs, options?.abortSignal, async (abortSignal) =>
      send(command, { ...options, abortSignal }),
    );
    if (!onCall) return call;
    try {
      const output = await call;
      onCall(undefined);
      return output;
    } catch (error) {
      onCall(error);
      throw error;
    }
  };
  client.send = boundedSend;
  return client;
}

/** Settles as `start`'s promise does, or rejects when the time is over or the caller's signal fires first. */
function within<T>(
  timeoutMs: number,
  callerSignal: AbortSignal | undefined,
  start: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (callerSignal?.aborted) {
      reject(abortError(callerSignal));
      return;
    }
    const controller = new AbortController();
    // Rejected before the SDK is told: it may wait for something that no signal ends.
    const onTimeout = (): void => {
      const error = new CallTimeoutError(timeoutMs);
      reject(error);
      controller.abort(error);
    };
    const onAbort = (): void => {
      reject(abortError(callerSignal));
      controller.abort(callerSignal?.reason);
    };
    const timer = setTimeout(onTimeout, timeoutMs);
    callerSignal?.addEventListener('abort', onAbort, { once: true });
    void start(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        callerSignal?.removeEventListener('abort', onAbort);
      });
  });
}

function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('Request aborted', { cause: signal?.reason }), { name: 'AbortError' });
}
