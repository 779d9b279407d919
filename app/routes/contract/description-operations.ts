import { z } from 'zod';
import type { Operation } from './operation';

const cachingHeaders = z.object({
  ETag: z.string().meta({
    description: 'For `If-None-Match`. Each content encoding has its own.',
    examples: ['"8XQdr9P6nWzJ4yNlP8mCkA"'],
  }),
  'Cache-Control': z.string().meta({
    description: 'It may be kept, and must be asked for anew each time.',
    examples: ['public, no-cache'],
  }),
  Vary: z.string().meta({
    description: 'On which headers the answer depends: it is compressed with Brotli for whoever takes that.',
    examples: ['Accept-Encoding'],
  }),
});

/** The document about all other calls. */
export const DESCRIPTION_OPERATIONS: Operation[] = [
  {
    operationId: 'getOpenApi',
    method: 'get',
    path: '/openapi.json',
    at: 'base',
    tag: 'Description',
    access: 'open',
    summary: 'This document',
    description: 'OpenAPI 3.1. The page at `docs`, beside it, shows it to people.',
    answers: {
      200: {
        description: 'The document.',
        schema: z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) }),
        example: { openapi: '3.1.0', info: { title: 'Sandbox broker', version: '1' }, paths: {} },
        headers: cachingHeaders,
      },
      304: {
        description: 'It is still the one that you have.',
        headers: cachingHeaders,
      },
    },
    errors: [],
  },
];
