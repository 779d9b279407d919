import { ApiError } from '../model/api-error';

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT';
  body?: unknown;
  /** RFC 7240. */
  prefer?: string;
  timeoutMs?: number;
}

const READ_TIMEOUT_MS = 10_000;

/**
 * Calls the API with the token, which nobody but this object ever has. Nothing is sent once the token may not be used
 * any more, and no answer is given out: a machine that wakes from sleep may find one that was under way.
 */
export class ApiClient {
  #token: string | undefined;

  /** @param mayUseToken is asked before each call and after it; once it says no, the token is dropped. */
  constructor(
    private readonly basePath: string,
    token: string,
    private readonly mayUseToken: () => boolean,
  ) {
    this.#token = token;
  }

  /** Drops the token: every call from now on is refused here. */
  forgetToken(): void {
    this.#token = undefined;
  }

  /** An admin's call; `path` follows `<base path>/admin`. @throws ApiError */
  async admin<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await this.#send(`${this.basePath}/admin${path}`, options);
    const answer = (await read(response, () => response.json())) as Answer;
    this.#tokenInUse();
    return answer;
  }

  /** The metrics of whichever process answers. @throws ApiError */
  async metrics(): Promise<string> {
    const response = await this.#send('/metrics', {});
    const text = await read(response, () => response.text());
    this.#tokenInUse();
    return text;
  }

  /** @throws ApiError once the token may not be used any more */
  #tokenInUse(): string {
    if (!this.mayUseToken()) this.forgetToken();
    if (this.#token === undefined) throw new ApiError('token', 'The token has been forgotten.');
    return this.#token;
  }

  async #send(
    path: string,
    { method = 'GET', body, prefer, timeoutMs = READ_TIMEOUT_MS }: CallOptions,
  ): Promise<Response> {
    const token = this.#tokenInUse();
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(prefer === undefined ? {} : { Prefer: prefer }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw unreachable(error, timeoutMs);
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

/** A body that breaks off is as good as no answer. */
async function read<Body>(response: Response, body: () => Promise<Body>): Promise<Body> {
  try {
    return await body();
  } catch {
    throw new ApiError('unreachable', 'The answer of the API broke off.', {
      requestId: response.headers.get('X-Request-ID') ?? undefined,
    });
  }
}

function unreachable(error: unknown, timeoutMs: number): ApiError {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  return new ApiError(
    'unreachable',
    isLate ? `The API did not answer within ${timeoutMs / 1000} s.` : 'The API cannot be reached.',
  );
}

async function refusal(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const fields = await errorFields(response);
  const requestId = fields.request_id ?? headers.get('X-Request-ID') ?? undefined;
  const retryAfterSeconds = wholeNumber(headers.get('Retry-After'));
  const options = { code: fields.code, requestId, retryAfterSeconds };
  if (status === 401) return new ApiError('token', 'The API does not know this token.', options);
  if (fields.code === 'FORBIDDEN') {
    return new ApiError('token', 'This is no admin token. Tracks have tokens of their own.', options);
  }
  // A load balancer in front of the API answers in its own words, which help nobody: the API's own answer never came.
  if (status >= 500 && fields.code === undefined) {
    return new ApiError(
      'unreachable',
      `A proxy or load balancer answered in place of the API, with status ${status}.`,
      options,
    );
  }
  const message = fields.message ?? `The API answered with status ${status}.`;
  return new ApiError('refused', message, options);
}

async function errorFields(
  response: Response,
): Promise<{ code?: string; message?: string; request_id?: string }> {
  try {
    const body = (await response.json()) as { error?: Record<string, string> };
    return body.error ?? {};
  } catch {
    return {};
  }
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
