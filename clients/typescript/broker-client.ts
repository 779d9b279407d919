import createClient, { type Client } from 'openapi-fetch';
import { BrokerApiError, errorFieldsOf } from './broker-api-error';
import { retryingFetch, type RetryOptions, type Surroundings } from './retrying-fetch';
import type { components, paths } from './schema';

export type Allocation = components['schemas']['Allocation'];
export type Sandbox = components['schemas']['Sandbox'];

export interface BrokerClientOptions {
  /** With the base path, e.g. `https://broker.example.com/v1`. */
  baseUrl: string;
  /** A track's token, or an admin's. */
  token: string;
  retry?: Partial<RetryOptions>;
  /** For tests. */
  surroundings?: Partial<Surroundings>;
}

/** Who asks for a sandbox, and for which. */
export interface AllocateOptions {
  /** Sent as `X-Instruqt-Sandbox-ID`: one student's instance. */
  caller: string;
  /** One sandbox for each key of a caller; without it the caller has one sandbox. */
  idempotencyKey?: string;
  /** Only a sandbox whose name begins with this. */
  namePrefix?: string;
  /** The lab's name. */
  trackName?: string;
  /** Ends the call, its waiting included. */
  signal?: AbortSignal;
}

/**
 * Calls the broker. Repeats what may be repeated, as {@link retryingFetch} says.
 *
 * Every method rejects with `BrokerApiError` when the broker refuses or gives up, and with `BrokerUnreachableError` when
 * nobody answers.
 */
export class BrokerClient {
  /** Every call of the API, typed. Errors are answers here; {@link unwrap} throws them. */
  readonly api: Client<paths>;

  constructor({ baseUrl, token, retry, surroundings }: BrokerClientOptions) {
    this.api = createClient<paths>({
      baseUrl,
      headers: { Authorization: `Bearer ${token}` },
      fetch: retryingFetch(retry, surroundings),
    });
  }

  /** Gets a sandbox; the same one again (`isNew: false`) for the same caller and key. */
  async allocate(options: AllocateOptions): Promise<{ sandbox: Allocation; isNew: boolean }> {
    const { caller, idempotencyKey, namePrefix, trackName, signal } = options;
    const answer = await this.api.POST('/allocate', {
      params: {
        header: {
          'X-Instruqt-Sandbox-ID': caller,
          ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
          ...(namePrefix === undefined ? {} : { 'X-Sandbox-Name-Prefix': namePrefix }),
          ...(trackName === undefined ? {} : { 'X-Instruqt-Track-ID': trackName }),
        },
      },
      ...(signal ? { signal } : {}),
    });
    return { sandbox: unwrap(answer), isNew: answer.response.status === 201 };
  }

  /** A sandbox that this caller has, or had last. */
  async getSandbox(caller: string, sandboxId: string, signal?: AbortSignal): Promise<Sandbox> {
    const params = { path: { id: sandboxId }, header: { 'X-Instruqt-Sandbox-ID': caller } };
    return unwrap(await this.api.GET('/sandboxes/{id}', { params, ...(signal ? { signal } : {}) }));
  }

  /** Gives a sandbox back. Repeating it is safe. */
  async markForDeletion(caller: string, sandboxId: string, signal?: AbortSignal): Promise<Sandbox> {
    const params = { path: { id: sandboxId }, header: { 'X-Instruqt-Sandbox-ID': caller } };
    const path = '/sandboxes/{id}/mark-for-deletion';
    return unwrap(await this.api.POST(path, { params, ...(signal ? { signal } : {}) }));
  }
}

/**
 * What an answer holds.
 *
 * @throws BrokerApiError if it is an error.
 */
export function unwrap<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  throw new BrokerApiError(answer.response.status, errorFieldsOf(answer.error));
}
