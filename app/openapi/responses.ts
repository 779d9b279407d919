import { z } from 'zod';
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { ForbiddenError, type BrokerError } from '../errors';
import { errorBody } from '../middleware/error-handler';
import { ERROR_SAMPLES, type ErrorCode } from '../routes/contract/error-samples';
import { errorBodySchema } from '../routes/contract/error-schemas';
import type { Answer, Operation } from '../routes/contract/operation';

const REQUEST_ID = '5f2b9a8e-7d0f-4c1e-9d5e-1f2c3a4b5c6d';

const requestIdHeader = {
  'X-Request-ID': z.string().meta({
    description: 'Under which our logs know this request: yours if it was well-formed, else a new one.',
    examples: [REQUEST_ID],
    header: { id: 'X-Request-ID' },
  }),
};

const allowanceHeaders = {
  'X-RateLimit-Limit': z
    .int()
    .min(0)
    .meta({
      description: 'How many requests may come at once. Counted by each process for itself.',
      examples: [200],
      header: { id: 'X-RateLimit-Limit' },
    }),
  'X-RateLimit-Remaining': z
    .int()
    .min(0)
    .meta({
      description: 'How many of them are left.',
      examples: [199],
      header: { id: 'X-RateLimit-Remaining' },
    }),
};

const retryAfter = z
  .int()
  .min(1)
  .meta({ description: 'Seconds after which trying again makes sense.', examples: [2] });

/** Every answer that an operation can give, errors included, by status. */
export function responsesOf(operation: Operation): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, answer] of Object.entries(operation.answers)) {
    responses[status as '200'] = answerResponse(answer);
  }
  const samples = {
    ...ERROR_SAMPLES,
    FORBIDDEN: new ForbiddenError(operation.access === 'track' ? 'track' : 'admin'),
  };
  for (const [status, codes] of errorsByStatus(operation)) {
    // A probe that is not well answers 503 in words of its own.
    responses[String(status) as '400'] ??= sharedErrorResponse(status, codes, samples);
  }
  return { ...responses, ...REFUSALS };
}

/** What an operation can answer beside its own errors, because of how it is reached. */
export function errorsOf({ access, errors }: Operation): ErrorCode[] {
  const limited: ErrorCode[] = access === 'probe' ? [] : ['RATE_LIMIT_EXCEEDED'];
  const guarded: ErrorCode[] =
    access === 'track' || access === 'admin' ? ['UNAUTHORIZED', 'FORBIDDEN', 'VALIDATION_ERROR'] : [];
  return ['BAD_REQUEST', 'INTERNAL_ERROR', ...limited, ...guarded, ...errors];
}

function errorsByStatus(operation: Operation): Map<number, [ErrorCode, ...ErrorCode[]]> {
  const byStatus = new Map<number, [ErrorCode, ...ErrorCode[]]>();
  const add = (status: number, code: ErrorCode): void => {
    const codes = byStatus.get(status);
    if (codes) codes.push(code);
    else byStatus.set(status, [code]);
  };
  const codes = errorsOf(operation);
  for (const code of codes) add(ERROR_SAMPLES[code].status, code);
  // A body in a form that cannot be read.
  if (codes.includes('PAYLOAD_TOO_LARGE')) add(415, 'BAD_REQUEST');
  return byStatus;
}

function answerResponse({
  description,
  schema,
  contentType = 'application/json',
  example,
  headers,
}: Answer): ZodOpenApiResponseObject {
  return {
    description,
    headers: z.object({ ...requestIdHeader, ...allowanceHeaders, ...headers?.shape }),
    ...(schema ? { content: { [contentType]: { schema, example } } } : {}),
  };
}

/** Answers that are the same wherever they come from are described once, under these names. */
const SHARED_NAMES: Partial<Record<string, string>> = {
  '400 BAD_REQUEST': 'BadRequest',
  '400 BAD_REQUEST VALIDATION_ERROR': 'InvalidRequest',
  '401 UNAUTHORIZED': 'Unauthorized',
  '413 PAYLOAD_TOO_LARGE': 'PayloadTooLarge',
  '415 BAD_REQUEST': 'UnsupportedMediaType',
  '429 RATE_LIMIT_EXCEEDED': 'TooManyRequests',
  '500 INTERNAL_ERROR': 'InternalError',
};

const shared = new Map<string, ZodOpenApiResponseObject>();

function sharedErrorResponse(
  status: number,
  codes: [ErrorCode, ...ErrorCode[]],
  samples: Record<ErrorCode, BrokerError>,
): ZodOpenApiResponseObject {
  const key = [status, ...codes].join(' ');
  const id = SHARED_NAMES[key];
  if (id === undefined) return errorResponse(codes, samples);
  const response = shared.get(key) ?? { id, ...errorResponse(codes, samples) };
  shared.set(key, response);
  return response;
}

function errorResponse(
  codes: [ErrorCode, ...ErrorCode[]],
  allSamples: Record<ErrorCode, BrokerError> = ERROR_SAMPLES,
): ZodOpenApiResponseObject {
  const samples = codes.map((code) => allSamples[code]);
  const retried = samples.filter(({ retryAfterSeconds }) => retryAfterSeconds !== undefined);
  const retryHeaders =
    retried.length === 0
      ? {}
      : { 'Retry-After': retried.length === samples.length ? retryAfter : retryAfter.optional() };
  const ownHeaders = Object.fromEntries(
    samples
      .flatMap(({ headers }) => Object.entries(headers))
      .map(([name, value]) => [name, z.string().meta({ examples: [value] })]),
  );
  return {
    description: samples.map(({ code, message }) => `\`${code}\`: ${message}`).join('\n\n'),
    headers: z.object({ ...requestIdHeader, ...allowanceHeaders, ...retryHeaders, ...ownHeaders }),
    content: {
      'application/json': {
        schema: errorBodySchema(codes),
        examples: Object.fromEntries(
          samples.map((sample) => [
            sample.code,
            { summary: sample.message, value: errorBody(sample, REQUEST_ID) },
          ]),
        ),
      },
    },
  };
}

/** What Node.js refuses before it is known which call it is, and whose: there is no allowance to tell. */
function refusal(id: string, description: string): ZodOpenApiResponseObject {
  return {
    id,
    description,
    headers: z.object(requestIdHeader),
    content: {
      'application/json': {
        schema: errorBodySchema(['BAD_REQUEST']),
        example: errorBody(ERROR_SAMPLES.BAD_REQUEST, REQUEST_ID),
      },
    },
  };
}

const REFUSALS: ZodOpenApiResponsesObject = {
  '408': refusal('RequestTimeout', '`BAD_REQUEST`: The request did not arrive in time.'),
  '431': refusal('HeadersTooLarge', '`BAD_REQUEST`: The headers are too large.'),
};

/** For paths and methods that no operation has. */
export const UNROUTED = {
  RouteNotFound: errorResponse(['ROUTE_NOT_FOUND']),
  MethodNotAllowed: errorResponse(['METHOD_NOT_ALLOWED']),
};
