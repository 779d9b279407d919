/**
 * An error that is meant for the caller: one class a code, each with its HTTP status and a message that says what to
 * do. The error handler of the server turns it into the answer; anything else becomes `INTERNAL_ERROR`.
 */
export abstract class BrokerError extends Error {
  abstract readonly code: string;
  abstract readonly status: number;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Further facts, safe to show to the caller. */
  readonly details?: Record<string, unknown>;
  /** Headers that HTTP asks for beside this status, e.g. `Allow`. */
  readonly headers: Record<string, string> = {};
}

/** Nothing left to give, as far as two whole looks at the index can tell. */
export class NoSandboxesAvailableError extends BrokerError {
  readonly code = 'NO_SANDBOXES_AVAILABLE';
  readonly status = 409;
  override readonly retryAfterSeconds = 30;

  constructor(namePrefix: string | undefined) {
    super(
      namePrefix === undefined
        ? 'No sandbox is available. Try again later, or ask the platform team to add sandboxes.'
        : 'No sandbox whose name begins with this X-Sandbox-Name-Prefix is available. Try again later, or without it.',
    );
  }
}

/** The time budget ran out while sandboxes may still have been there. */
export class AllocationContendedError extends BrokerError {
  readonly code = 'ALLOCATION_CONTENDED';
  readonly status = 503;
  override readonly retryAfterSeconds = 1;

  constructor() {
    super(
      'Too many callers at once. Try again with the same Idempotency-Key: you will not get two sandboxes.',
    );
  }
}

/** DynamoDB cannot be reached or does not answer in time. For a job, `details` has the counts of what it did. */
export class ServiceUnavailableError extends BrokerError {
  readonly code = 'SERVICE_UNAVAILABLE';
  readonly status = 503;
  override readonly retryAfterSeconds = 2;

  constructor(
    message = 'The sandbox table does not answer at the moment. Try again with the same headers: that is always safe.',
    override readonly details?: Record<string, unknown>,
  ) {
    super(message);
  }
}

/** The row of a sandbox is not what its key says: another release, or a person, wrote it. Only admins are told so. */
export class SandboxUnreadableError extends BrokerError {
  readonly code = 'SANDBOX_UNREADABLE';
  readonly status = 409;

  constructor(why: string) {
    super(`The row of this sandbox cannot be read, so that no job touches it. Correct or remove it. ${why}`);
  }
}

export class SandboxNotFoundError extends BrokerError {
  readonly code = 'SANDBOX_NOT_FOUND';
  readonly status = 404;

  constructor() {
    super(
      'There is no sandbox with this id, or it has been deleted. Use the sandbox_id that allocate answered with.',
    );
  }
}

/** Never says who the owner is. */
export class NotSandboxOwnerError extends BrokerError {
  readonly code = 'NOT_SANDBOX_OWNER';
  readonly status = 403;

  constructor() {
    super('This sandbox is not allocated to you. Send the X-Instruqt-Sandbox-ID that it was allocated with.');
  }
}

export class AllocationExpiredError extends BrokerError {
  readonly code = 'ALLOCATION_EXPIRED';
  readonly status = 403;

  constructor() {
    super('The time of this sandbox is over; it is deleted automatically. There is nothing left to do.');
  }
}

export class UnauthorizedError extends BrokerError {
  readonly code = 'UNAUTHORIZED';
  readonly status = 401;
  override readonly headers = { 'WWW-Authenticate': 'Bearer realm="sandbox-broker"' };

  constructor() {
    super('A valid token is needed: send "Authorization: Bearer <token>".');
  }
}

export class ForbiddenError extends BrokerError {
  readonly code = 'FORBIDDEN';
  readonly status = 403;

  constructor(needed: 'track' | 'admin') {
    super(`This token may not make this call. Use ${needed === 'admin' ? 'an admin' : 'a track'} token.`);
  }
}

export class RateLimitExceededError extends BrokerError {
  readonly code = 'RATE_LIMIT_EXCEEDED';
  readonly status = 429;

  constructor(override readonly retryAfterSeconds: number) {
    super('Too many requests. Wait as long as Retry-After says, then go on more slowly.');
  }
}

/** A header or parameter that is missing or malformed; `details` names it. */
export class ValidationError extends BrokerError {
  readonly code = 'VALIDATION_ERROR';
  readonly status = 400;

  constructor(
    message: string,
    override readonly details: { header?: string; parameter?: string },
  ) {
    super(message);
  }
}

export class RouteNotFoundError extends BrokerError {
  readonly code = 'ROUTE_NOT_FOUND';
  readonly status = 404;

  constructor() {
    super('There is no such call. Check the path, and the base path in front of it.');
  }
}

export class MethodNotAllowedError extends BrokerError {
  readonly code = 'METHOD_NOT_ALLOWED';
  readonly status = 405;
  override readonly headers: Record<string, string>;

  constructor(allowed: string[]) {
    super(`This path takes ${allowed.join(', ')} only.`);
    this.headers = { Allow: allowed.join(', ') };
  }
}

export class PayloadTooLargeError extends BrokerError {
  readonly code = 'PAYLOAD_TOO_LARGE';
  readonly status = 413;
  // What is still to come is not waited for.
  override readonly headers = { Connection: 'close' };

  constructor() {
    super('The body is too large. This call needs none.');
  }
}

/** HTTP so malformed that no route could be found for it. */
export class BadRequestError extends BrokerError {
  readonly code = 'BAD_REQUEST';
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** A fault of ours. The cause is in the log, under the request id; never in the answer. */
export class InternalError extends BrokerError {
  readonly code = 'INTERNAL_ERROR';
  readonly status = 500;

  constructor() {
    super('Something went wrong on our side. Report the request_id to the platform team.');
  }
}

/** Another runner is at that job: its lease is taken. */
export class JobRunningError extends BrokerError {
  readonly code = 'JOB_RUNNING';
  readonly status = 409;
  override readonly retryAfterSeconds = 30;

  override readonly details: { run_id: string } | undefined;

  /** @param runId of the run under way, if it is known. */
  constructor(job: string, runId?: string) {
    super(`The job ${job} is being run already. GET admin/jobs tells by whom; try again when it has ended.`);
    this.details = runId === undefined ? undefined : { run_id: runId };
  }
}

/** No run of a job has this id. */
export class RunNotFoundError extends BrokerError {
  readonly code = 'RUN_NOT_FOUND';
  readonly status = 404;

  constructor() {
    super('There is no run with this id. Use the id that sync, cleanup or auto-delete-stale answered with.');
  }
}

/** Only a deletion that failed can be tried again. */
export class DeletionNotFailedError extends BrokerError {
  readonly code = 'DELETION_NOT_FAILED';
  readonly status = 409;

  constructor(status: string) {
    super(
      `This sandbox is ${status}: only one whose deletion has failed or is unconfirmed can be tried again.`,
    );
  }
}

/** A job that an admin asked for could not reach the portal. It did what it could; `details` has the counts. */
export class PortalUnavailableError extends BrokerError {
  readonly code = 'PORTAL_UNAVAILABLE';
  readonly status = 503;
  override readonly retryAfterSeconds = 60;

  constructor(
    message: string,
    override readonly details: Record<string, unknown>,
  ) {
    super(message);
  }
}

/** A job that an admin asked for failed. */
export class JobFailedError extends BrokerError {
  readonly code = 'JOB_FAILED';
  readonly status = 500;

  constructor(
    message: string,
    override readonly details: Record<string, unknown>,
  ) {
    super(message);
  }
}
