import type { components } from './schema';

type Schemas = components['schemas'];

/** The fields of every error that the broker can answer, told apart by `code`. */
export type BrokerErrorFields = {
  [Name in keyof Schemas]: Schemas[Name] extends { code: string; message: string; request_id: string }
    ? Schemas[Name]
    : never;
}[keyof Schemas];

export type BrokerErrorCode = BrokerErrorFields['code'];

/** The broker refused the call, or gave up. */
export class BrokerApiError extends Error {
  override readonly name = 'BrokerApiError';
  /** What went wrong; `undefined` if something else than the broker answered. */
  readonly code: BrokerErrorCode | undefined;
  /** Under which the broker's logs know the call. */
  readonly requestId: string | undefined;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly status: number,
    /** All that was said; narrow it by `code`. */
    readonly fields: BrokerErrorFields | undefined,
  ) {
    super(fields ? `${fields.code}: ${fields.message}` : `HTTP ${status}, not in the broker's words`);
    this.code = fields?.code;
    this.requestId = fields?.request_id;
    this.retryAfterSeconds = fields && 'retry_after' in fields ? fields.retry_after : undefined;
  }
}

/** The error's fields, if that is what a body holds. */
export function errorFieldsOf(body: unknown): BrokerErrorFields | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  const isError = typeof error === 'object' && error !== null && 'code' in error && 'request_id' in error;
  return isError ? (error as BrokerErrorFields) : undefined;
}
