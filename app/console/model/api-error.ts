import { sentence } from './words';

/** Why a call brought nothing, in words for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** `unreachable`: no answer at all. `token`: not a valid admin token. `refused`: any other answer but success. */
    readonly kind: 'unreachable' | 'token' | 'refused',
    message: string,
    readonly options: { code?: string; requestId?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message);
  }

  /** The message, and what the logs know it by. */
  get inWords(): string {
    const { requestId, retryAfterSeconds } = this.options;
    const wait = retryAfterSeconds === undefined ? '' : ` Try again in ${retryAfterSeconds} s.`;
    return `${sentence(this.message)}${wait}${requestId === undefined ? '' : ` (request ${requestId})`}`;
  }
}
