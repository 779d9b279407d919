/**
 * Writes the types of the TypeScript client, from the OpenAPI document of today's sources. `--check` writes nothing, and
 * fails when the file is not what it would write. Runs under tsx: `npm run client:generate`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../app/openapi/openapi-document.ts';

const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'clients/typescript/schema.ts');
const header = `/* eslint-disable -- generated: npm run client:generate */
// The broker's API, from its OpenAPI document.

`;

const types = astToString(await openapiTS(openApiDocument('/v1'), { alphabetize: false }));
const text = await format(header + types, { ...(await resolveConfig(target)), filepath: target });

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('clients/typescript/schema.ts is out of date. To write it anew: npm run client:generate');
  process.exit(1);
}
