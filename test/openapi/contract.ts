import type { oas31 } from 'zod-openapi';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { openApiDocument, type OpenApiDocument } from '../../app/openapi/openapi-document';

/** An operation of the document, with the path under which it is called. */
export interface DocumentedCall {
  method: string;
  /** Its template, base path included. */
  template: string;
  operation: oas31.OperationObject;
}

/** A response, with its place in the document. */
export interface Located<T> {
  value: T;
  pointer: string;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** The document, asked by those who check requests and answers against it. */
export class Contract {
  readonly document: OpenApiDocument;
  readonly calls: DocumentedCall[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(
    readonly basePath: string,
    document = openApiDocument(basePath),
  ) {
    this.document = document;
    this.#ajv.addSchema({ $id: 'contract', ...document });
    this.calls = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method];
        const base = item.servers?.[0]?.url === '/' ? '' : basePath;
        return operation ? [{ method: method.toUpperCase(), template: `${base}${path}`, operation }] : [];
      }),
    );
  }

  /** The call that this method and path are, `HEAD` counting as `GET`; `undefined` if there is none. */
  find(method: string, path: string): DocumentedCall | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const fitting = this.calls.filter((call) => call.method === wanted && matches(call.template, path));
    // `/jobs/runner` comes before `/jobs/{name}`.
    return fitting.sort((a, b) => a.template.split('{').length - b.template.split('{').length)[0];
  }

  /** What an operation may answer with this status, as the document has it. */
  response(call: DocumentedCall, status: number): Located<oas31.ResponseObject> | undefined {
    const own = (call.operation.responses ?? {}) as Record<
      string,
      oas31.ResponseObject | oas31.ReferenceObject | undefined
    >;
    const found = own[String(status)];
    if (!found) return undefined;
    const pointer = `/paths/${escaped(this.#pathOf(call))}/${call.method.toLowerCase()}/responses/${status}`;
    return this.resolve<oas31.ResponseObject>({ value: found, pointer });
  }

  parameters(call: DocumentedCall): Located<oas31.ParameterObject>[] {
    const place = `/paths/${escaped(this.#pathOf(call))}/${call.method.toLowerCase()}/parameters`;
    return (call.operation.parameters ?? []).map((value, index) =>
      this.resolve<oas31.ParameterObject>({ value, pointer: `${place}/${index}` }),
    );
  }

  requestBody(call: DocumentedCall): Located<oas31.RequestBodyObject> | undefined {
    const value = call.operation.requestBody as oas31.RequestBodyObject | undefined;
    const pointer = `/paths/${escaped(this.#pathOf(call))}/${call.method.toLowerCase()}/requestBody`;
    return value && { value, pointer };
  }

  /** Follows a reference, if it is one. */
  resolve<T extends object>({ value, pointer }: Located<T | oas31.ReferenceObject>): Located<T> {
    if (!('$ref' in value) || typeof value.$ref !== 'string') return { value: value as T, pointer };
    const target = value.$ref.slice(1);
    const keys = target.split('/').slice(1).map(unescaped);
    const found = keys.reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key],
      this.document,
    );
    if (found === undefined) throw new Error(`the document refers to ${value.$ref}, and does not have it`);
    return { value: found as T, pointer: target };
  }

  /** What is wrong with a value, by the schema at a place of the document; empty if it fits. */
  faults(pointer: string, value: unknown): string[] {
    const validate = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: `contract#${pointer}` });
    this.#validators.set(pointer, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath || 'the whole', message, JSON.stringify(params)].join(' '),
    );
  }

  #pathOf({ template, operation }: DocumentedCall): string {
    const own = Object.entries(this.document.paths ?? {}).find(([, item]) =>
      METHODS.some((method) => item[method] === operation),
    );
    return own?.[0] ?? template;
  }
}

function matches(template: string, path: string): boolean {
  const parts = template.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
  );
}

/** For a JSON pointer in a URI fragment. */
export function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function unescaped(key: string): string {
  return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

const shared = new Map<string, Contract>();

/** The contract as it is now, below a base path; made once in a process. */
export function contract(basePath = '/v1'): Contract {
  const known = shared.get(basePath) ?? new Contract(basePath);
  shared.set(basePath, known);
  return known;
}
