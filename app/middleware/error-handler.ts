import type { ErrorRequestHandler, RequestHandler } from 'express';
import {
  BadRequestError,
  BrokerError,
  InternalError,
  MethodNotAllowedError,
  PayloadTooLargeError,
  RouteNotFoundError,
  ServiceUnavailableError,
} from '../errors';
import type { Logger } from '../logger';
import { CorruptItemError } from '../store/items';
import { UnreadableRecordError } from '../store/job-store';
import { StoreUnavailableError } from '../store/sandbox-store';
import { factsOf } from './request-log';

/** The answer to a failed call. `detail` repeats it, because scripts in the field read that. */
export interface ErrorBody {
  error: ErrorFields;
  detail: ErrorFields;
}

interface ErrorFields {
  code: string;
  message: string;
  request_id: string;
  retry_after?: number;
  details?: Record<string, unknown>;
}

/** The body for an error, under the request's id. */
export function errorBody(error: BrokerError, requestId: string): ErrorBody {
  const fields: ErrorFields = {
    code: error.code,
    message: error.message,
    request_id: requestId,
    retry_after: error.retryAfterSeconds,
    details: error.details,
  };
  return { error: fields, detail: fields };
}

const UNREADABLE_ITEM =
  'What the table has about this sandbox cannot be read at the moment. Try again with the same headers, and report the request_id to the platform team if that does not help.';

const UNREADABLE_RECORD =
  'What the table has about the jobs cannot be read at the moment. GET admin/jobs names the record; the next run of the job replaces it.';

/** The one place where errors become answers. What is not meant for the caller is logged and answered with a 500. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, _request, response, next) => {
    const requestFacts = factsOf(response);
    const error = toBrokerError(thrown);
    if (thrown instanceof StoreUnavailableError) {
      logger.warn({ err: thrown, request_id: requestFacts.requestId }, 'the sandbox table did not answer');
    }
    if (thrown instanceof CorruptItemError || thrown instanceof UnreadableRecordError) {
      logger.error(
        { err: thrown, request_id: requestFacts.requestId },
        'an item of the table cannot be read',
      );
    }
    if (error instanceof InternalError) {
      logger.error({ err: thrown, request_id: requestFacts.requestId }, 'unexpected error');
    }
    requestFacts.outcome ??= error.code.toLowerCase();
    if (response.headersSent) {
      next(thrown);
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', error.retryAfterSeconds);
    response
      .status(error.status)
      .set(error.headers)
      .set('Cache-Control', 'no-store')
      .json(errorBody(error, requestFacts.requestId));
  };
}

/** The end of the line: no route took the request. */
export const routeNotFound: RequestHandler = () => {
  throw new RouteNotFoundError();
};

/** Behind a route's own methods: answers all others with 405. */
export function methodNotAllowed(...allowed: string[]): RequestHandler {
  return () => {
    throw new MethodNotAllowedError(allowed);
  };
}

/**
 * The parsers throw errors that say by `expose` that they are the sender's fault, the router a plain URIError for a path
 * that cannot be decoded. A 4xx on any other error is somebody else's, an SDK's for instance, and a fault of ours.
 */
function toBrokerError(thrown: unknown): BrokerError {
  if (thrown instanceof BrokerError) return thrown;
  if (thrown instanceof StoreUnavailableError) return new ServiceUnavailableError();
  // A newer release wrote it, and answers the next try, or a person has to correct it: no fault of this request.
  if (thrown instanceof CorruptItemError) return new ServiceUnavailableError(UNREADABLE_ITEM);
  if (thrown instanceof UnreadableRecordError) return new ServiceUnavailableError(UNREADABLE_RECORD);
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number') {
    return new InternalError();
  }
  const { status } = thrown;
  const isSendersFault = ('expose' in thrown && thrown.expose === true) || thrown instanceof URIError;
  if (!isSendersFault || status < 400 || status >= 500) return new InternalError();
  if (status === 413) return new PayloadTooLargeError();
  return new BadRequestError('The request is malformed. Check its path, its headers and its body.', status);
}
