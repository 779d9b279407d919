import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { oas31 } from 'zod-openapi';
import { openApiDocument } from '../../app/openapi/openapi-document';
import { ERROR_SAMPLES } from '../../app/routes/contract/error-samples';
import { errorBodySchema } from '../../app/routes/contract/error-schemas';
import { OPERATIONS } from '../../app/routes/contract/operations';
import { contract } from './contract';

const document = openApiDocument('/v1');
const text = JSON.stringify(document);

/** What every operation has here, and none must have elsewhere. */
type Named = oas31.OperationObject & { operationId: string };

it('is valid OpenAPI 3.1, and its examples fit its schemas, for a linter at its strictest', async () => {
  const config = await createConfig({
    extends: ['recommended-strict'],
    // The answers to what is no call have no call to stand at.
    rules: { 'no-unused-components': 'off' },
  });

  const problems = await lintFromString({ source: text, config });

  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
    [],
  );
  expect(document.openapi).toMatch(/^3\.1\./);
});

it('names its server relative to where it was read, below the configured base path', () => {
  expect(openApiDocument('/broker/v7').servers?.map(({ url }) => url)).toEqual(['/broker/v7']);
  expect(document.paths?.['/healthz']?.servers?.map(({ url }) => url)).toEqual(['/']);
});

it('tells every error at a call, or as what answers where there is no call', () => {
  const told = new Set([...text.matchAll(/"const":"([A-Z_]+)"/g)].map(([, code]) => code));
  const called = new Set(
    contract().calls.flatMap(({ operation }) =>
      [...JSON.stringify(operation).matchAll(/"#\/components\/schemas\/(\w+)Error"/g)].map(
        ([, name]) => name,
      ),
    ),
  );

  expect([...told].sort()).toEqual(Object.keys(ERROR_SAMPLES).sort());
  // Of all others, each call's own.
  for (const code of ['NoSandboxesAvailable', 'JobRunning', 'DeletionNotFailed', 'AllocationExpired']) {
    expect(called).toContain(code);
  }
});

it.each(Object.entries(ERROR_SAMPLES))('shows %s as it is sent', (code, sample) => {
  expect(sample.code).toBe(code);
  const schema = errorBodySchema([sample.code]);
  const fields = {
    code,
    message: sample.message,
    request_id: 'r',
    retry_after: sample.retryAfterSeconds,
    details: sample.details,
  };
  const body = JSON.parse(JSON.stringify({ error: fields, detail: fields })) as object;

  expect(schema.safeParse(body).error?.issues ?? []).toEqual([]);
});

it('closes every object of an answer, so that a field that nobody documented is a fault', () => {
  const open: string[] = [];
  const walk = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const { type, properties, additionalProperties } = value as oas31.SchemaObject;
    if (type === 'object' && properties && additionalProperties !== false) open.push(at);
    for (const [key, child] of Object.entries(value)) {
      if (key !== 'example' && key !== 'examples' && key !== 'requestBody') walk(child, `${at}/${key}`);
    }
  };
  walk(document, '');

  // The document itself is not described a second time. What comes in may have fields that we ignore.
  expect(open.filter((at) => !at.includes('openapi.json'))).toEqual(['/components/schemas/RunnerChange']);
});

it('describes every parameter, header and call, and gives an example of each', () => {
  const bare = contract().calls.flatMap((call) => {
    const { operationId, summary, description, tags } = call.operation as Named;
    const faults = [summary, description, tags?.[0]].includes(undefined) ? [operationId] : [];
    for (const { value } of contract().parameters(call)) {
      const schema = value.schema as oas31.SchemaObject | undefined;
      if (!value.description || !schema?.examples) faults.push(`${operationId} ${value.name}`);
    }
    for (const { answers } of OPERATIONS.filter((each) => each.operationId === operationId)) {
      for (const [status, answer] of Object.entries(answers)) {
        if (answer.schema && answer.example === undefined) faults.push(`${operationId} ${status}`);
      }
    }
    return faults;
  });

  expect(bare).toEqual([]);
});

it('asks for a token wherever one is needed, and says which', () => {
  const asked = Object.fromEntries(
    contract().calls.map(({ operation }) => [
      (operation as Named).operationId,
      Object.keys(operation.security?.[0] ?? {})[0],
    ]),
  );

  expect(asked).toMatchObject({
    allocate: 'trackToken',
    getStats: 'adminToken',
    setJobsRunner: 'adminToken',
  });
  for (const { operationId, access } of OPERATIONS) {
    const scheme = access === 'track' || access === 'admin' ? `${access}Token` : undefined;
    expect([operationId, asked[operationId]]).toEqual([operationId, scheme]);
  }
});
