import { z } from 'zod';
import {
  createDocument,
  type oas31,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { OPERATIONS } from '../routes/contract/operations';
import { TAGS, type Operation } from '../routes/contract/operation';
import { responsesOf, UNROUTED } from './responses';

export type OpenApiDocument = oas31.OpenAPIObject;

const SECURITY_SCHEMES = { track: 'trackToken', admin: 'adminToken' } as const;

const INTRODUCTION = `Hands each student a ready-made cloud account, a *sandbox*, exactly once, takes it back when the lab \
ends, and has it deleted.

**Tokens.** Lab scripts send a track token, admins an admin token: \`Authorization: Bearer <token>\`.

**Trying again.** A call may be repeated with the same headers. An answer with \`Retry-After\` asks for it: wait that \
many seconds, and a random bit more. When a connection breaks, repeat the call as well: nobody gets two sandboxes by it. \
The exceptions are \`bulk-delete\` and the calls that run a job (\`sync\`, \`cleanup\`, \`auto-delete-stale\`): repeated, \
they do their work again on what is there by then. That is harmless, but look first whether it is still wanted: a run \
that was answered with 202 goes on, and \`admin/jobs/runs/{id}\` follows it.

**Errors** have one shape: \`error\` with \`code\`, \`message\`, \`request_id\`, and often \`retry_after\` and \`details\`. \
The same object stands under \`detail\` for old scripts. A path that does not exist is 404 \`ROUTE_NOT_FOUND\`, a wrong \
method 405 \`METHOD_NOT_ALLOWED\`.

**Limits.** Each caller has an allowance, and each address a wider one; \`X-RateLimit-Remaining\` tells what is left of \
it. They are counted by each process for itself.

**Pages** for people lie beside the API and are not described here: \`docs\`, next to this document, shows it; \
\`/console\` on the same host is for operating the pool.

**Formats.** JSON in snake_case. Times are Unix seconds. What there is nothing to say about is null.`;

/**
 * The OpenAPI 3.1 document of all operations: made of the schemas that parse requests and type answers. `servers` is
 * relative to wherever it was read from.
 */
export function openApiDocument(basePath: string): OpenApiDocument {
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Sandbox broker',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath, description: 'Where this document came from.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: pathsOf(OPERATIONS),
    components: {
      securitySchemes: {
        [SECURITY_SCHEMES.track]: {
          type: 'http',
          scheme: 'bearer',
          description: 'For lab scripts: BROKER_API_TOKEN.',
        },
        [SECURITY_SCHEMES.admin]: {
          type: 'http',
          scheme: 'bearer',
          description: 'For admins: BROKER_ADMIN_TOKEN.',
        },
      },
      responses: UNROUTED,
    },
  };
  return createDocument(document, {
    override: ({ jsonSchema }) => {
      // That a number is one that JavaScript can count with needs no saying.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}

function pathsOf(operations: readonly Operation[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      ...(operation.at === 'root' ? { servers: [{ url: '/', description: 'Beside the base path.' }] } : {}),
      [operation.method]: operationObject(operation),
    };
  }
  return paths;
}

const requestId = z
  .string()
  .optional()
  .meta({
    description:
      'Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins ' +
      'cannot send it: CORS does not allow it. They can read the one that we give.',
    examples: ['lab-7-step-2'],
    param: { id: 'X-Request-ID' },
  });

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { operationId, tag, summary, description, access, pathParameters, query, headers, body } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    security: access === 'track' || access === 'admin' ? [{ [SECURITY_SCHEMES[access]]: [] }] : [],
    requestParams: {
      ...(pathParameters ? { path: pathParameters } : {}),
      ...(query ? { query } : {}),
      header: z.object({ ...headers?.shape, 'X-Request-ID': requestId }),
    },
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: body.schema, example: body.example } },
          },
        }
      : {}),
    responses: responsesOf(operation),
  };
}
