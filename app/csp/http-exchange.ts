import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpExchangeOptions {
  method: 'GET' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  /** From the start until the connection stands, name lookup and TLS included. */
  connectTimeoutMs: number;
  /** From then until the last byte of the answer, so that an answer in drips ends too. */
  readTimeoutMs: number;
  maxBodyBytes: number;
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  body: string;
  /** The `Link` header. */
  linkHeader?: string;
}

/** No whole answer came: the network failed, a timeout passed, or the answer was too long. */
export class HttpExchangeError extends Error {
  override readonly name = 'HttpExchangeError';
}

/**
 * Sends one request without a body and reads the whole answer, whatever its status; redirects are not followed, so
 * the token in the headers goes nowhere else. Node's `fetch` has no connect timeout of its own, hence not `fetch`.
 * Rejects with {@link HttpExchangeError}, or with the signal's reason when that gave it up.
 */
export async function httpExchange(options: HttpExchangeOptions): Promise<HttpAnswer> {
  const { url, method, headers, signal, connectTimeoutMs, readTimeoutMs, maxBodyBytes } = options;
  signal?.throwIfAborted();
  const isHttps = url.protocol === 'https:';
  // A connection of its own (`agent: false`): calls are rare, and a kept one may have been closed by the other side.
  const request = (isHttps ? httpsRequest : httpRequest)(url, { method, headers, signal, agent: false });

  let timer: NodeJS.Timeout | undefined;
  const limit = (timeoutMs: number, what: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      request.destroy(new HttpExchangeError(`${what} within ${timeoutMs} ms`));
    }, timeoutMs);
  };

  try {
    const failed = new Promise<never>((_resolve, reject) => {
      request.on('error', reject);
    });
    const answered = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    limit(connectTimeoutMs, 'no connection');
    request.once('socket', (socket) => {
      socket.once(isHttps ? 'secureConnect' : 'connect', () => {
        limit(readTimeoutMs, 'no complete answer');
      });
    });
    request.end();
    const response = await Promise.race([answered, failed]);
    const body = await Promise.race([readBody(response, maxBodyBytes), failed]);
    const { statusCode: status = 0, headers } = response;
    const linkHeader = [headers.link ?? []].flat().join(', ');
    return { status, body, ...(linkHeader === '' ? {} : { linkHeader }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HttpExchangeError) throw error;
    throw new HttpExchangeError(describe(error), { cause: error });
  } finally {
    clearTimeout(timer);
    request.destroy();
  }
}

/** A failure on all of a host's addresses has a code (ECONNREFUSED), but no message. */
function describe(error: unknown): string {
  const { message = '', code = 'unknown network error' } = error as Partial<NodeJS.ErrnoException>;
  return message === '' ? code : message;
}

async function readBody(response: IncomingMessage, maxBodyBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes)
      throw new HttpExchangeError(`the answer is longer than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
