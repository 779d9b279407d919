import type { IncomingMessage } from 'node:http';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';

type Handle = NodeHttpHandler['handle'];

export interface BoundedHttpHandlerOptions extends Pick<NodeHttpHandlerOptions, 'httpAgent' | 'httpsAgent'> {
  /** Until a connection is established. */
  connectionTimeoutMs: number;
  /** From the start of an attempt until the headers of its response. */
  requestTimeoutMs: number;
  /** From the headers until the last byte of the body. */
  bodyTimeoutMs: number;
}

/**
 * The SDK's HTTP handler with a bound for the whole length of an attempt. The SDK's own `requestTimeout` stops guarding
 * when the headers arrive, and its `socketTimeout` begins anew with every byte, so a response that stalls or drips
 * behind its headers would never end (`findings/smithy-request-timeout-ends-at-the-headers.sh`).
 *
 * An attempt that exceeds a bound fails with an error named `TimeoutError`, which the SDK retries.
 */
export class BoundedHttpHandler extends NodeHttpHandler {
  readonly #bodyTimeoutMs: number;

  constructor(options: BoundedHttpHandlerOptions) {
    const { connectionTimeoutMs, requestTimeoutMs, bodyTimeoutMs, ...agents } = options;
    super({
      ...agents,
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without this the SDK only logs a warning and waits on: @smithy/types, NodeHttpHandlerOptions.
      throwOnRequestTimeout: true,
    });
    this.#bodyTimeoutMs = bodyTimeoutMs;
  }

  override async handle(...parameters: Parameters<Handle>): ReturnType<Handle> {
    const result = await super.handle(...parameters);
    this.#limitBody(result.response.body as IncomingMessage);
    return result;
  }

  #limitBody(body: IncomingMessage): void {
    if (body.complete) return;
    const timer = setTimeout(() => {
      const message = `the body of a response was not complete within ${this.#bodyTimeoutMs} ms of its headers`;
      body.destroy(Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' }));
    }, this.#bodyTimeoutMs);
    body.once('close', () => {
      clearTimeout(timer);
    });
  }
}
