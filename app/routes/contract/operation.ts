import type { z } from 'zod';
import type { Role } from '../../middleware/authenticate';
import type { ErrorCode } from './error-samples';

/** The headings under which the calls are listed. */
export const TAGS = {
  Sandboxes: 'What lab scripts call, with a track token, for one student at a time.',
  Pool: 'What admins see of the pool, and do with it.',
  Jobs: 'The background jobs: how they went, who runs them, and running one now.',
  'On call': 'What on-call people look at first: the alarms, and what was done because of them.',
  Probes: 'What machines ask, without a token and without a limit. They lie beside the base path.',
  Description: 'This description.',
} as const;

export type TagName = keyof typeof TAGS;

/** An answer that is no error: its status is the key under which it stands. */
export interface Answer {
  description: string;
  /** Of its body; none if not said. */
  schema?: z.ZodType;
  /** `application/json` if not said. */
  contentType?: string;
  /** What it looks like; fits the schema. */
  example?: unknown;
  /** Headers beside those of every answer. */
  headers?: z.ZodObject;
}

/**
 * One call, as the OpenAPI document describes it and the tests check it. The schemas are those with which its route
 * parses what comes in, and which type what goes out.
 */
export interface Operation {
  operationId: string;
  method: 'get' | 'post' | 'put';
  /** With `{parameters}`. */
  path: `/${string}`;
  /** `root`: beside the base path, where probes look. */
  at: 'base' | 'root';
  tag: TagName;
  /** Whose token it takes; `open`: anybody, `probe`: anybody, and no limit counts it. */
  access: Role | 'open' | 'probe';
  summary: string;
  description: string;
  pathParameters?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { schema: z.ZodObject; example: unknown };
  answers: Partial<Record<200 | 201 | 202 | 304 | 503, Answer>>;
  /** What it may answer beside the errors that come with its access, its parameters and its body. */
  errors: ErrorCode[];
}
