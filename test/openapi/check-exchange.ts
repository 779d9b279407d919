import type { oas31 } from 'zod-openapi';
import { ERROR_SAMPLES, type ErrorCode } from '../../app/routes/contract/error-samples';
import { componentName } from '../../app/routes/contract/error-schemas';
import { contract, escaped, type Contract, type DocumentedCall, type Located } from './contract';

/** A request as it was sent, and what came back. */
export interface Exchange {
  method: string;
  /** Path and query. */
  target: string;
  requestHeaders: Record<string, string | string[] | undefined>;
  requestBody?: string | Buffer;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Pages for people, which are no part of the API: they and their files are left out. */
const PAGES = ['/console'];

/** What may be answered where there is no such call, or none with this method. */
const UNROUTED: ErrorCode[] = [
  'ROUTE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'VALIDATION_ERROR',
  'RATE_LIMIT_EXCEEDED',
];

/** The headers of ours that an answer may only have where the document says so. */
const TOLD_HEADERS = [
  'x-request-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'retry-after',
  'www-authenticate',
  'allow',
  'location',
  'preference-applied',
];

/** An answer, or a request that was accepted, is not as the OpenAPI document says. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}

/**
 * Checks an exchange with the API against its OpenAPI document: the status is one of the operation's, the body fits the
 * schema to the last field, the headers are those that are promised; and a request that was accepted is one that the
 * document allows.
 *
 * @throws ContractError that says what does not fit.
 */
export function checkExchange(exchange: Exchange, against: Contract = contract()): void {
  const { method, target, status } = exchange;
  const path = target.split('?', 1)[0] ?? '';
  if (
    method === 'OPTIONS' ||
    [...PAGES, `${against.basePath}/docs`].some((page) => path === page || path.startsWith(`${page}/`))
  )
    return;
  // With a slash at its end a call is the same call.
  const call =
    against.find(method, path) ?? (status < 400 ? against.find(method, path.replace(/\/$/, '')) : undefined);
  const faults = call
    ? [
        ...answerFaults(against, call, exchange),
        ...(status < 300 ? requestFaults(against, call, exchange) : []),
      ]
    : unroutedFaults(against, exchange);
  if (faults.length === 0) return;
  throw new ContractError(
    `${method} ${target} was answered with ${status}, which is not as the OpenAPI document says:\n` +
      `${faults.map((fault) => `  - ${fault}`).join('\n')}\n  ${exchange.text.slice(0, 500)}`,
  );
}

function answerFaults(against: Contract, call: DocumentedCall, exchange: Exchange): string[] {
  const response = against.response(call, exchange.status);
  if (!response) return [`it documents no ${exchange.status} for ${call.operation.operationId ?? ''}`];
  return [...headerFaults(against, response, exchange), ...bodyFaults(against, response, exchange)];
}

function headerFaults(
  against: Contract,
  response: Located<oas31.ResponseObject>,
  { headers }: Exchange,
): string[] {
  const documented = new Set<string>();
  const faults = Object.entries(response.value.headers ?? {}).flatMap(([name, reference]) => {
    documented.add(name.toLowerCase());
    const { value, pointer } = against.resolve<oas31.HeaderObject>({
      value: reference,
      pointer: `${response.pointer}/headers/${escaped(name)}`,
    });
    const sent = headers[name.toLowerCase()];
    if (sent === undefined) return value.required === true ? [`the header ${name} is missing`] : [];
    return valueFaults(against, `${pointer}/schema`, value.schema, sent).map((fault) => `${name}: ${fault}`);
  });
  const untold = TOLD_HEADERS.filter((name) => headers[name] !== undefined && !documented.has(name));
  return [...faults, ...untold.map((name) => `the header ${name} is not documented`)];
}

function bodyFaults(
  against: Contract,
  response: Located<oas31.ResponseObject>,
  { method, headers, text }: Exchange,
): string[] {
  if (method === 'HEAD' || response.value.content === undefined) {
    return text === '' ? [] : ['there is a body, and none is documented'];
  }
  const type = String(headers['content-type']).split(';', 1)[0]?.trim() ?? '';
  if (!Object.hasOwn(response.value.content, type)) return [`the content type ${type} is not documented`];
  const value = type === 'application/json' ? parseJson(text) : text;
  return against.faults(`${response.pointer}/content/${escaped(type)}/schema`, value);
}

/** What a request that was accepted has that the document forbids, or lacks that it asks for. */
function requestFaults(against: Contract, call: DocumentedCall, exchange: Exchange): string[] {
  const { target, requestBody, requestHeaders } = exchange;
  const query = new URL(target, 'http://any').searchParams;
  const headers = Object.fromEntries(
    Object.entries(requestHeaders).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const parameters = against.parameters(call);
  const named = Object.fromEntries(parameters.map(({ value }) => [value.name.toLowerCase(), value]));
  const faults = parameters.flatMap(({ value, pointer }) => {
    if (value.in === 'path') return [];
    const sent = value.in === 'query' ? query.get(value.name) : headers[value.name.toLowerCase()];
    if (sent === undefined || sent === null || sent === '') {
      return value.required === true ? [`it was accepted without ${value.name}`] : [];
    }
    return valueFaults(against, `${pointer}/schema`, value.schema, sent).map(
      (fault) => `it was accepted with ${value.name} ${JSON.stringify(sent)}: ${fault}`,
    );
  });
  if ('x-track-id' in named && !headers['x-instruqt-sandbox-id'] && !headers['x-track-id']) {
    faults.push('it was accepted without a caller');
  }
  const isSecured = (call.operation.security ?? []).length > 0;
  if (isSecured && headers.authorization === undefined) faults.push('it was accepted without a token');
  const body = against.requestBody(call);
  if (!body) return faults;
  const bodyPointer = `${body.pointer}/content/${escaped('application/json')}/schema`;
  return [
    ...faults,
    ...against
      .faults(bodyPointer, parseJson(String(requestBody)))
      .map((fault) => `its body was accepted: ${fault}`),
  ];
}

/** Headers and parameters are text; what is documented as a number must look like one. */
function valueFaults(
  against: Contract,
  pointer: string,
  schema: oas31.SchemaObject | oas31.ReferenceObject | undefined,
  sent: string | string[],
): string[] {
  const text = Array.isArray(sent) ? sent.join(', ') : sent.trim();
  const isInteger = schema !== undefined && 'type' in schema && schema.type === 'integer';
  return against.faults(pointer, isInteger && /^-?\d+$/.test(text) ? Number(text) : text);
}

function unroutedFaults(against: Contract, { method, status, text }: Exchange): string[] {
  if (method === 'HEAD') return status >= 400 ? [] : ['there is no such call'];
  const { error, detail } = (parseJson(text) ?? {}) as { error?: { code?: ErrorCode }; detail?: unknown };
  const code = UNROUTED.find((known) => known === error?.code);
  if (code === undefined) return [`there is no such call, and ${error?.code ?? 'no error'} was answered`];
  const wanted = code === 'BAD_REQUEST' ? status : ERROR_SAMPLES[code].status;
  return [
    ...(status === wanted && status >= 400 && status < 500 ? [] : [`${code} came with ${status}`]),
    ...[error, detail].flatMap((fields) =>
      against.faults(`/components/schemas/${componentName(code)}`, fields),
    ),
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
