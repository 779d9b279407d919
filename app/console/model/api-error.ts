import { phrase, type Phrase } from './phrase';
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
  get inWords(): Phrase {
    const { requestId, retryAfterSeconds } = this.options;
    const wait = retryAfterSeconds === undefined ? [] : phrase` Try again in ${retryAfterSeconds} s.`;
    const request = requestId === undefined ? [] : phrase` (request ${requestId})`;
    return phrase`${sentence(this.message)}${wait}${request}`;
  }
}
