import { z } from 'zod';
import { JOB_NAMES, JOBS_RUNNERS } from '../../store/job-store';
import { wholeNumberParameter } from '../parse-input';
import { time } from './fields';
import { cleanupRunSchema, staleRunSchema, syncRunSchema } from './job-result-schemas';
import {
  followAfter,
  jobRunRecordSchema,
  preferHeader,
  RUN_EXAMPLE,
  runIdField,
  runPath,
  runStateSchema,
  UNDER_WAY,
} from './job-run-schemas';
import type { Operation } from './operation';
import { syncQuery } from './sync-query';

const MAX_GRACE_PERIOD_HOURS = 24 * 365;
const MAX_REASON_LENGTH = 500;

export const staleQuery = z.object({
  grace_period_hours: wholeNumberParameter(0, MAX_GRACE_PERIOD_HOURS, 24).optional().meta({
    description: 'Remove what has been stale for this long. As configured, if not given.',
  }),
});

export const runnerBody = z
  .object({
    runner: z
      .enum(JOBS_RUNNERS, { error: `must be one of ${JOBS_RUNNERS.join(', ')}` })
      .meta({ description: 'Who runs them from now on; `none` freezes them.' }),
    reason: z
      .string({ error: 'is required: whoever finds it changed will ask why' })
      .max(MAX_REASON_LENGTH, `must have at most ${MAX_REASON_LENGTH} characters`)
      .trim()
      .min(1, 'is required: whoever finds it changed will ask why')
      // DynamoDB takes no half of a character, and terminals act on control characters.
      .refine((text) => /^[^\p{Cc}\p{Surrogate}]*$/u.test(text), 'must have no control characters')
      .meta({ description: 'Why, for whoever finds it changed.', examples: ['portal maintenance'] }),
  })
  .meta({ id: 'RunnerChange' });

export const jobsControlSchema = z
  .strictObject({
    runner: z.enum([...JOBS_RUNNERS, 'unknown']).meta({
      description:
        '`none` while they are frozen. `unknown`: another release or a person wrote a runner that this one does not know; nobody runs them.',
    }),
    since: time('Since when.').nullable(),
    changed_by: z
      .string()
      .nullable()
      .meta({ description: 'By whose word.', examples: ['admin API'] }),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Why.', examples: ['portal maintenance'] }),
  })
  .meta({ id: 'JobsRunner', description: 'Who runs the jobs.' });

export type JobsControlBody = z.output<typeof jobsControlSchema>;

export const jobSchema = z
  .strictObject({
    name: z.enum(JOB_NAMES),
    interval_seconds: z
      .int()
      .min(0)
      .meta({ description: 'From one run to the next.', examples: [300] }),
    last_run: jobRunRecordSchema.nullable(),
    last_success_at: time('When it last did all it had to.').nullable(),
    next_due_at: time('When it is due again.').nullable(),
    lease: z
      .strictObject({
        holder: z.string().meta({ examples: ['worker-3f2a'] }),
        expires_at: time('Until when, unless renewed.'),
        run_id: runIdField,
      })
      .nullable()
      .meta({ description: 'Who is at it now.' }),
    problem: z
      .string()
      .nullable()
      .meta({
        description: 'What in its records cannot be read or believed. The job runs all the same.',
        examples: ['Its next due time lies too far in the future to be right: the job is due now.'],
      }),
  })
  .meta({ id: 'Job', description: 'A background job.' });

export type JobBody = z.output<typeof jobSchema>;

export const jobsOverviewSchema = z
  .strictObject({ runner: jobsControlSchema, jobs: z.array(jobSchema) })
  .meta({ id: 'JobsOverview', description: 'Who runs the jobs, and how they went.' });

export type JobsOverviewBody = z.output<typeof jobsOverviewSchema>;

const CONTROL_EXAMPLE: JobsControlBody = {
  runner: 'none',
  since: 1_795_439_003,
  changed_by: 'admin API',
  reason: 'portal maintenance',
};

const JOB_EXAMPLE: JobBody = {
  name: 'cleanup',
  interval_seconds: 300,
  last_run: {
    started_at: 1_795_439_003,
    duration_ms: 1_250,
    outcome: 'success',
    counts: { deleted: 3, unconfirmed: 0, failed: 0, postponed: 0, skipped: 0 },
    error: null,
    run_by: 'worker-3f2a',
  },
  last_success_at: 1_795_439_003,
  next_due_at: 1_795_439_313,
  lease: null,
  problem: null,
};

const WHEN_ANSWERED =
  'Answers 200 when the job has ended; 202 if that takes longer than the call waits, 12 seconds as delivered.';

const RUN_ERRORS: Operation['errors'] = [
  'JOB_RUNNING',
  'PORTAL_UNAVAILABLE',
  'JOB_FAILED',
  'SERVICE_UNAVAILABLE',
  'PAYLOAD_TOO_LARGE',
];

/** The calls about background jobs. */
export const JOB_OPERATIONS: Operation[] = [
  {
    operationId: 'listJobs',
    method: 'get',
    path: '/admin/jobs',
    at: 'base',
    tag: 'Jobs',
    access: 'admin',
    summary: 'See how the jobs went',
    description: 'Each job’s last run, when it is due again, who is at it now, and who runs them all.',
    answers: {
      200: {
        description: 'The jobs.',
        schema: jobsOverviewSchema,
        example: { runner: CONTROL_EXAMPLE, jobs: [JOB_EXAMPLE] },
      },
    },
    errors: ['SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'getJobRun',
    method: 'get',
    path: '/admin/jobs/runs/{id}',
    at: 'base',
    tag: 'Jobs',
    access: 'admin',
    summary: 'Follow a run',
    description:
      'How far a run has come, whichever process has it. Only the newest record of a job is kept: ask before the next run.',
    pathParameters: runPath,
    answers: {
      200: {
        description: 'The run.',
        schema: runStateSchema,
        example: {
          ...RUN_EXAMPLE,
          status: 'ended',
          result: JOB_EXAMPLE.last_run,
        },
        headers: z.object({ 'Retry-After': followAfter.optional() }),
      },
    },
    errors: ['RUN_NOT_FOUND', 'SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'setJobsRunner',
    method: 'put',
    path: '/admin/jobs/runner',
    at: 'base',
    tag: 'Jobs',
    access: 'admin',
    summary: 'Say who runs the jobs',
    description: 'Every process notices within 10 seconds. A run under way is finished.',
    body: { schema: runnerBody, example: { runner: 'none', reason: 'portal maintenance' } },
    answers: {
      200: {
        description: 'It is so.',
        schema: jobsControlSchema,
        example: CONTROL_EXAMPLE,
      },
    },
    errors: ['SERVICE_UNAVAILABLE', 'PAYLOAD_TOO_LARGE'],
  },
  {
    operationId: 'runSync',
    method: 'post',
    path: '/admin/sync',
    at: 'base',
    tag: 'Jobs',
    access: 'admin',
    summary: 'Sync with the portal now',
    description: `Brings the pool into line with the portal’s list. ${WHEN_ANSWERED}`,
    headers: preferHeader,
    query: syncQuery,
    answers: {
      202: UNDER_WAY,
      200: {
        description: 'It ran.',
        schema: syncRunSchema,
        example: {
          status: 'completed',
          listed: 212,
          added: 20,
          updated: 0,
          restocked: 0,
          missed: 1,
          stale: 0,
          conflicting: 0,
          unusable: 0,
          refused: 0,
          listed_after_deletion: 0,
          duration_ms: 1_250,
        },
      },
    },
    errors: RUN_ERRORS,
  },
  {
    operationId: 'runCleanup',
    method: 'post',
    path: '/admin/cleanup',
    at: 'base',
    tag: 'Jobs',
    access: 'admin',
    summary: 'Delete in the portal now',
    description:
      `Deletes in the portal what was given back and is due. ${WHEN_ANSWERED} A deletion counts once a later list of the ` +
      'portal does not name the account any more.',
    headers: preferHeader,
    answers: {
      202: UNDER_WAY,
      200: {
        description: 'It ran.',
        schema: cleanupRunSchema,
        example: {
          status: 'completed',
          deleted: 12,
          unconfirmed: 0,
          failed: 0,
          postponed: 0,
          skipped: 0,
          duration_ms: 9_400,
        },
      },
    },
    errors: RUN_ERRORS,
  },
  {
    operationId: 'runAutoDeleteStale',
    method: 'post',
    path: '/admin/auto-delete-stale',
    at: 'base',
    tag: 'Jobs',
    access: 'admin',
    summary: 'Remove stale rows now',
    description: `Removes rows that have been stale for long. ${WHEN_ANSWERED}`,
    query: staleQuery,
    headers: preferHeader,
    answers: {
      202: UNDER_WAY,
      200: {
        description: 'It ran.',
        schema: staleRunSchema,
        example: { status: 'completed', deleted: 2, corrected: 0, duration_ms: 80 },
      },
    },
    errors: RUN_ERRORS,
  },
];
