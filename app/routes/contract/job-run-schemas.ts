import { z } from 'zod';
import { RUN_STATUSES } from '../../admin/job-run-state';
import { JOB_NAMES, JOB_OUTCOMES } from '../../store/job-store';
import { time } from './fields';
import type { Answer } from './operation';

/*
 * How a run is shown: as a record, while it goes on, and to those who follow it.
 */

export const count = z.int().min(0);
export const duration = z
  .number()
  .min(0)
  .meta({ description: 'Milliseconds.', examples: [1_250] });

export const runIdField = z
  .string()
  .meta({ description: 'Names the run: the job, and a number that grows.', examples: ['cleanup-17'] });

export const jobRunRecordSchema = z
  .strictObject({
    started_at: time('When it began.'),
    duration_ms: duration,
    outcome: z.enum([...JOB_OUTCOMES, 'unknown']).meta({
      description:
        '`guarded`: it did what was safe, and refused the rest. `stopped`: asked to end before it was done. ' +
        '`unavailable`: the portal, or the sandbox table, was out of reach; `error` says which. `unknown`: another ' +
        'release wrote an outcome that this one does not know.',
    }),
    counts: z.record(z.string(), count).meta({
      description: 'What was done.',
      examples: [{ deleted: 3, unconfirmed: 0, failed: 0, postponed: 0, skipped: 0 }],
    }),
    error: z.string().nullable().meta({ description: 'Why it failed.' }),
    run_by: z.string().meta({ description: 'Which process ran it.', examples: ['worker-3f2a'] }),
  })
  .meta({ id: 'JobRun', description: 'A job’s run.' });

export type JobRunBody = z.output<typeof jobRunRecordSchema>;

/** A run as any process can tell it from the table. */
export const runStateSchema = z
  .strictObject({
    id: runIdField,
    job: z.enum(JOB_NAMES),
    status: z.enum(RUN_STATUSES).meta({
      description:
        '`running`: its lease holds. `ended`: `result` says how. `superseded`: a later run was recorded in its place. ' +
        '`lost`: its lease is over, and it has left no record.',
    }),
    started_at: time('When it began, where that is known.').nullable(),
    run_by: z
      .string()
      .nullable()
      .meta({ description: 'Which process runs it, or ran it.', examples: ['api/task/1/3f2a'] }),
    result: jobRunRecordSchema.nullable().meta({ description: 'Of a run that has ended.' }),
    message: z
      .string()
      .nullable()
      .meta({ description: 'Why there is no result, where none will come.', examples: [null] }),
  })
  .meta({ id: 'JobRunState', description: 'How far a run has come.' });

export type RunStateBody = z.output<typeof runStateSchema>;

/** The answer to a call whose run takes longer than the call waits. */
export const runUnderWaySchema = z
  .strictObject({ status: z.literal('running'), run: runStateSchema })
  .meta({ id: 'JobRunUnderWay', description: 'The run goes on; it can be followed.' });

export type RunUnderWayBody = z.output<typeof runUnderWaySchema>;

/** The path of one run. */
export const runPath = z.object({ id: runIdField });

/** How a call that runs a job may be told to wait. */
export const preferHeader = z.object({
  Prefer: z
    .string()
    .optional()
    .meta({
      description:
        'RFC 7240. `respond-async`: answer 202 as soon as the run has begun. `wait=5`: answer within 5 seconds. With ' +
        'both, wait 5 seconds before 202. Anything else is ignored.',
      examples: ['respond-async, wait=5'],
    }),
});

export const RUN_EXAMPLE: RunStateBody = {
  id: 'cleanup-17',
  job: 'cleanup',
  status: 'running',
  started_at: 1_795_439_003,
  run_by: 'api/task/1/3f2a',
  result: null,
  message: null,
};

export const followAfter = z
  .int()
  .min(1)
  .meta({ description: 'Seconds after which it is worth asking how far the run is.', examples: [2] });

/** What a call that runs a job answers when the run outlasts the call. */
export const UNDER_WAY: Answer = {
  description: 'It has begun and goes on, whether or not the caller stays. Follow `Location`.',
  schema: runUnderWaySchema,
  example: { status: 'running', run: RUN_EXAMPLE },
  headers: z.object({
    Location: z
      .string()
      .meta({ description: 'Where the run can be followed.', examples: ['/v1/admin/jobs/runs/cleanup-17'] }),
    'Retry-After': followAfter,
    'Preference-Applied': z
      .string()
      .optional()
      .meta({ description: 'Set if `Prefer` asked for this answer.', examples: ['respond-async'] }),
  }),
};
