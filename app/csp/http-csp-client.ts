import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  circuitBreaker,
  handleType,
  retry,
  type CircuitBreakerPolicy,
  type IPolicy,
} from 'cockatiel';
import { accountSegment } from '../allocation/account-key';
import { systemClock, type Clock } from '../allocation/clock';
import type { Logger } from '../logger';
import { parseAccountList } from './account-list';
import {
  CspAccountIdInvalidError,
  CspCircuitOpenError,
  CspRejectedError,
  CspResponseInvalidError,
  CspUnavailableError,
  type CspCallOptions,
  type CspCircuitState,
  type CspClient,
  type DeletionAnswer,
  type PortalList,
} from './csp-client';
import { HttpExchangeError, httpExchange, type HttpAnswer } from './http-exchange';

export interface HttpCspClientOptions {
  /** May have a path of its own. */
  baseUrl: string;
  apiToken: string;
  connectTimeoutMs: number;
  /** For one attempt, from the connection to the last byte of the answer. */
  readTimeoutMs: number;
  circuitBreaker: {
    /** Failed attempts in a row, of all calls together, that open the circuit. */
    threshold: number;
    openMs: number;
  };
  retry?: RetryOptions;
  clock?: Pick<Clock, 'monotonicMs'>;
  logger: Pick<Logger, 'info' | 'warn'>;
}

export interface RetryOptions {
  /** The first one included. */
  maxAttempts: number;
  initialDelayMs: number;
  maxDelayMs: number;
}

const DEFAULT_RETRY: RetryOptions = { maxAttempts: 3, initialDelayMs: 200, maxDelayMs: 2_000 };
/** Some hundred thousand accounts. More than that is not the portal's list. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_UNUSABLE_LOGGED = 20;
const TOO_MANY_REQUESTS = 429;
const NOT_FOUND = [404, 410];

/** The portal over HTTP. Each attempt has its timeouts; failed ones are repeated, and counted by the circuit breaker. */
export class HttpCspClient implements CspClient {
  private readonly baseUrl: string;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly retry: IPolicy;
  private readonly clock: Pick<Clock, 'monotonicMs'>;
  private openedAtMs = 0;

  constructor(private readonly options: HttpCspClientOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    const failures = handleType(CspUnavailableError);
    const { maxAttempts, initialDelayMs, maxDelayMs } = options.retry ?? DEFAULT_RETRY;
    this.breaker = circuitBreaker(failures, {
      breaker: new ConsecutiveBreaker(options.circuitBreaker.threshold),
      // The library measures by the time of day, which may be set back by a year. `throwIfOpen` measures instead.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
    });
    this.clock = options.clock ?? systemClock;
    this.retry = retry(failures, {
      maxAttempts: maxAttempts - 1,
      backoff: new ExponentialBackoff({ initialDelay: initialDelayMs, maxDelay: maxDelayMs }),
    });
    this.watchCircuit();
  }

  get circuitState(): CspCircuitState {
    switch (this.breaker.state) {
      case CircuitState.Closed:
        return 'closed';
      case CircuitState.HalfOpen:
        return 'half_open';
      case CircuitState.Open:
      case CircuitState.Isolated:
        return 'open';
    }
  }

  async listSandboxes(options?: CspCallOptions): Promise<PortalList> {
    const call = 'GET /current_user/accounts';
    const answer = await this.call('GET', '/current_user/accounts', options);
    if (answer.status !== 200) throw new CspRejectedError(call, answer.status);

    const list = parseAccountList(answer.body, answer.linkHeader);
    if (list.kind === 'invalid') throw new CspResponseInvalidError(call, list.reason);
    const { accounts, unusable, others, incomplete } = list;
    if (unusable.length > 0) {
      this.options.logger.warn(
        { misfit_count: unusable.length, misfits: unusable.slice(0, MAX_UNUSABLE_LOGGED) },
        'Entries of the portal’s account list cannot be used and were skipped',
      );
    }
    return { accounts, unusable, others, ...(incomplete === undefined ? {} : { incomplete }) };
  }

  async deleteAccount(externalId: string, options?: CspCallOptions): Promise<DeletionAnswer> {
    const segment = accountSegment(externalId);
    if (segment === undefined) throw new CspAccountIdInvalidError(externalId);
    const path = `/sandbox/accounts/${segment}`;
    const answer = await this.call('DELETE', path, options);
    if (NOT_FOUND.includes(answer.status)) return 'not_found';
    if (answer.status >= 200 && answer.status < 300) return 'accepted';
    throw new CspRejectedError(`DELETE ${path}`, answer.status);
  }

  private async call(method: 'GET' | 'DELETE', path: string, options?: CspCallOptions): Promise<HttpAnswer> {
    const call = `${method} ${path}`;
    const signal = options?.signal;
    try {
      // The breaker is the inner one: it sees every attempt, and an open circuit ends the retries at once.
      return await this.retry.execute(() => {
        this.throwIfOpen(call);
        return this.breaker.execute(() => this.attempt(method, path, signal), signal);
      }, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BrokenCircuitError) throw new CspCircuitOpenError(call);
      throw error;
    }
  }

  /** @throws CspCircuitOpenError until the circuit has been open for its time; the call after that tests the portal. */
  private throwIfOpen(call: string): void {
    const openForMs = this.clock.monotonicMs() - this.openedAtMs;
    const isOpen = this.breaker.state === CircuitState.Open;
    if (isOpen && openForMs < this.options.circuitBreaker.openMs) throw new CspCircuitOpenError(call);
  }

  /** One request. Throws {@link CspUnavailableError} for whatever a later attempt may mend. */
  private async attempt(method: 'GET' | 'DELETE', path: string, signal?: AbortSignal): Promise<HttpAnswer> {
    const call = `${method} ${path}`;
    try {
      const { apiToken, connectTimeoutMs, readTimeoutMs } = this.options;
      const answer = await httpExchange({
        method,
        url: new URL(`${this.baseUrl}${path}`),
        headers: { authorization: `Token ${apiToken}`, accept: 'application/json' },
        connectTimeoutMs,
        readTimeoutMs,
        maxBodyBytes: MAX_BODY_BYTES,
        signal,
      });
      const isFault = answer.status >= 500 || answer.status === TOO_MANY_REQUESTS;
      if (isFault) throw new CspUnavailableError(call, `status ${answer.status}`);
      return answer;
    } catch (error) {
      if (error instanceof HttpExchangeError)
        throw new CspUnavailableError(call, error.message, { cause: error });
      throw error;
    }
  }

  private watchCircuit(): void {
    const { logger, circuitBreaker: settings } = this.options;
    this.breaker.onBreak(() => {
      this.openedAtMs = this.clock.monotonicMs();
      // An alarm counts these lines (alarms/log-metrics.ts).
      logger.warn(
        { action: 'circuit', outcome: 'open', open_ms: settings.openMs },
        'The portal keeps failing: calls to it are held back for a while',
      );
    });
    this.breaker.onReset(() => {
      logger.info({ action: 'circuit', outcome: 'closed' }, 'The portal answers again');
    });
  }
}
