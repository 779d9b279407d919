import * as errors from '../../errors';

type ErrorClasses = typeof errors;

/** The code of every error that `app/errors.ts` has. */
export type ErrorCode = {
  [Name in keyof ErrorClasses]: ErrorClasses[Name] extends new (...args: never[]) => {
    readonly code: infer Code extends string;
  }
    ? Code
    : never;
}[keyof ErrorClasses];

/**
 * One of each, as callers meet them: statuses, examples and what has a `retry_after` come from here. An error without a
 * sample does not compile.
 */
export const ERROR_SAMPLES: { [Code in ErrorCode]: errors.BrokerError & { readonly code: Code } } = {
  ALLOCATION_CONTENDED: new errors.AllocationContendedError(),
  ALLOCATION_EXPIRED: new errors.AllocationExpiredError(),
  BAD_REQUEST: new errors.BadRequestError(
    'The request is malformed. Check its path, its headers and its body.',
  ),
  DELETION_NOT_FAILED: new errors.DeletionNotFailedError('allocated'),
  FORBIDDEN: new errors.ForbiddenError('admin'),
  INTERNAL_ERROR: new errors.InternalError(),
  JOB_FAILED: new errors.JobFailedError('The portal answered with something that is no list.', {}),
  JOB_RUNNING: new errors.JobRunningError('sync', 'sync-17'),
  METHOD_NOT_ALLOWED: new errors.MethodNotAllowedError(['POST']),
  NOT_SANDBOX_OWNER: new errors.NotSandboxOwnerError(),
  NO_SANDBOXES_AVAILABLE: new errors.NoSandboxesAvailableError(undefined),
  PAYLOAD_TOO_LARGE: new errors.PayloadTooLargeError(),
  PORTAL_UNAVAILABLE: new errors.PortalUnavailableError('The portal is out of reach.', {
    deleted: 3,
    failed: 0,
    postponed: 17,
  }),
  RATE_LIMIT_EXCEEDED: new errors.RateLimitExceededError(1),
  ROUTE_NOT_FOUND: new errors.RouteNotFoundError(),
  RUN_NOT_FOUND: new errors.RunNotFoundError(),
  SANDBOX_NOT_FOUND: new errors.SandboxNotFoundError(),
  SANDBOX_UNREADABLE: new errors.SandboxUnreadableError('status is not one that this release knows.'),
  SERVICE_UNAVAILABLE: new errors.ServiceUnavailableError(),
  UNAUTHORIZED: new errors.UnauthorizedError(),
  VALIDATION_ERROR: new errors.ValidationError(
    'Say who is calling: send X-Instruqt-Sandbox-ID (or, from old scripts, X-Track-ID).',
    { header: 'X-Instruqt-Sandbox-ID' },
  ),
};
