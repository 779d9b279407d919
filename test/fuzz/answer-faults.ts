import { ERROR_SAMPLES, type ErrorCode } from '../../app/routes/contract/error-samples';
import { errorBodySchema } from '../../app/routes/contract/error-schemas';
import { OPERATIONS } from '../../app/routes/contract/operations';
import type { Answer } from '../http/http-client';
import { routeOf, type ListedRoute } from './route-list';

/** What the answer was given to, as far as it is known. */
export interface Asked {
  method?: string;
  /** Without the query. */
  path?: string;
  requestId?: string;
}

/** What the application has: every route of it, and what the API's are mounted under. */
export interface Served {
  routes: ListedRoute[];
  basePath: string;
}

const SECURITY_HEADERS = [
  'content-security-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
];

/** A stack trace, a path or a name of ours, a library's words, something that was put into text unseen. */
const INSIDES =
  /node_modules|\\n +at |\n +at |\/app\/|\.[jt]s\b|\bError:|"stack"|ECONN|Dynamo|Exception|SandboxPool|undefined|\[object/;

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * What is wrong with an answer, in words; empty when it is as the contract says: no 5xx, an error in our shape, a
 * success as its operation describes it, the headers that every answer has.
 */
export function answerFaults(answer: Answer, asked: Asked, served: Served): string[] {
  const { status, text } = answer;
  const faults = headerFaults(answer, asked);
  if (status >= 500) faults.push(`a ${status}: ${text.slice(0, 200)}`);
  // The limits are wide open.
  if (status === 429 || status < 200) faults.push(`a ${status}`);
  if (status === 204 || status === 304 || asked.method === 'HEAD') {
    return text === '' ? faults : [...faults, 'a body where there can be none'];
  }
  return [...faults, ...(status >= 400 ? errorFaults(answer) : successFaults(answer, asked, served))];
}

/** Was it answered before there was a request that the application saw? Then nobody's allowance was looked at. */
export function isRefusal({ headers }: Answer): boolean {
  return !('x-ratelimit-limit' in headers);
}

function headerFaults(answer: Answer, { requestId }: Asked): string[] {
  const { status, headers } = answer;
  const faults: string[] = [];
  const given = headers['x-request-id'];
  if (typeof given !== 'string' || !/^[\w.-]{1,128}$/.test(given)) faults.push('no X-Request-ID');
  if (isRefusal(answer)) {
    if (![400, 405, 408, 431].includes(status)) faults.push(`a ${status} without X-RateLimit headers`);
    if (headers.connection !== 'close') faults.push('a refusal that keeps the connection');
  } else {
    if (requestId !== undefined && given !== requestId) faults.push('the answer to another request');
    for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining']) {
      if (!/^\d+$/.test(String(headers[name]))) faults.push(`${name} is ${String(headers[name])}`);
    }
  }
  for (const name of SECURITY_HEADERS) if (!(name in headers)) faults.push(`no ${name}`);
  for (const name of ['x-powered-by', 'server', 'set-cookie']) {
    if (name in headers) faults.push(`a header ${name}`);
  }
  if (status === 405 && !('allow' in headers)) faults.push('a 405 without Allow');
  if (status === 401 && !('www-authenticate' in headers)) faults.push('a 401 without WWW-Authenticate');
  return faults;
}

function successFaults(answer: Answer, { method, path }: Asked, { routes, basePath }: Served): string[] {
  const { status, headers, text } = answer;
  if (path === undefined) return [];
  const route = routeOf(routes, path);
  if (!route) return [`a ${status} on a path that no route has`];
  const operation = OPERATIONS.find(
    (each) =>
      each.method.toUpperCase() === method &&
      `${each.at === 'base' ? basePath : ''}${each.path}`.replace(/\{(\w+)\}/g, ':$1') === route.template,
  );
  // What people look at, such as the console, has no description.
  if (!operation) return [];
  const described = operation.answers[status as keyof typeof operation.answers];
  if (!described) return [`a ${status}, which ${operation.operationId} does not describe`];
  if (described.contentType !== undefined) return [];
  const faults: string[] = [];
  if (headers['content-type'] !== JSON_TYPE) faults.push(`a success as ${String(headers['content-type'])}`);
  const parsed = described.schema?.safeParse(parsedJson(text));
  if (parsed?.success === false) faults.push(`a success of another shape: ${parsed.error.message}`);
  return faults;
}

function errorFaults({ status, headers, text }: Answer): string[] {
  const faults: string[] = [];
  if (headers['content-type'] !== JSON_TYPE) faults.push(`an error as ${String(headers['content-type'])}`);
  if (headers['cache-control'] !== 'no-store') faults.push('an error that caches may keep');
  // A request id is the caller's own word, and may be any.
  const insides = INSIDES.exec(text.replaceAll(String(headers['x-request-id'] ?? '""'), ''));
  if (insides) faults.push(`an error that shows "${insides[0]}"`);
  const body = parsedJson(text) as { error?: Record<string, unknown>; detail?: unknown } | undefined;
  const code = body?.error?.code;
  if (typeof code !== 'string' || !isKnownCode(code)) {
    return [...faults, `no error in our shape: ${text.slice(0, 200)}`];
  }
  const parsed = errorBodySchema([code]).safeParse(body);
  if (!parsed.success) faults.push(`no error in our shape: ${parsed.error.message}`);
  // The one code that has several.
  if (code !== 'BAD_REQUEST' && status !== ERROR_SAMPLES[code].status) faults.push(`${code} with ${status}`);
  if (JSON.stringify(body?.error) !== JSON.stringify(body?.detail)) faults.push('detail is not the error');
  const { message, request_id: requestId, retry_after: retryAfter } = body?.error ?? {};
  if (typeof message !== 'string' || !/^[\x20-\x7e]{10,500}\.$/.test(message)) {
    faults.push(`the message ${String(message)}`);
  }
  if (requestId !== headers['x-request-id']) faults.push('another request_id than X-Request-ID');
  if (String(retryAfter) !== String(headers['retry-after'])) {
    faults.push('another retry_after than Retry-After');
  }
  return faults;
}

function isKnownCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_SAMPLES, code);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
