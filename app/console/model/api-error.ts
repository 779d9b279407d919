import { phrase, type Phrase } from './phrase';
import { sentence } from './words';

/** Codes of a call that was begun, and may have done what it was to do before it failed. */
const UNFINISHED = new Set(['SERVICE_UNAVAILABLE', 'INTERNAL_ERROR']);

/** Why a call brought nothing, in words for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** `unreachable`: no answer of the API, or only that of a proxy in front of it. `token`: not a valid admin token. `refused`: any other answer but success. */
    readonly kind: 'unreachable' | 'token' | 'refused',
    message: string,
    readonly options: { code?: string; requestId?: string; retryAfterSeconds?: number } = {},
  ) {
    super(message);
  }

  /** Whether what was asked for may have happened, or may go on, all the same. */
  get isOutcomeUnknown(): boolean {
    return this.kind === 'unreachable' || UNFINISHED.has(this.options.code ?? '');
  }

  /** The message, and what the logs know it by. */
  get inWords(): Phrase {
    const { requestId, retryAfterSeconds } = this.options;
    const wait = retryAfterSeconds === undefined ? [] : phrase` Try again in ${retryAfterSeconds} s.`;
    const request = requestId === undefined ? [] : phrase` (request ${requestId})`;
    return phrase`${sentence(this.message)}${wait}${request}`;
  }
}
