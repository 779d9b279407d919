import { z } from 'zod';
import { CAUSE_KINDS, ROLLBACK_ACTIONS, ROLLBACK_STEPS, STEP_OUTCOMES } from '../../store/rollback-history';
import { wholeNumberParameter } from '../parse-input';
import { time } from './fields';
import type { Operation } from './operation';

const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 20;

/** Which part of the history is asked for. */
export const rollbackQuery = z.object({
  limit: wholeNumberParameter(1, MAX_PAGE_SIZE)
    .default(DEFAULT_PAGE_SIZE)
    .meta({ description: 'How many at most.', examples: [20], override: { default: DEFAULT_PAGE_SIZE } }),
  cursor: z
    .string({ error: 'must be given once' })
    .max(2_048, 'is no cursor of ours')
    .optional()
    .meta({
      description: 'The `cursor` of the last answer.',
      examples: ['MjAyNi0xMS0yM1QxODowMDowMC4wMDBa'],
    }),
});

const rollbackSchema = z
  .strictObject({
    at: time('When the alarm changed its state, or the person asked.'),
    action: z.enum([...ROLLBACK_ACTIONS, 'unknown']).meta({
      description: '`unknown`, here and below: a word of another release, or an entry that cannot be read.',
    }),
    cause: z.strictObject({
      kind: z.enum([...CAUSE_KINDS, 'unknown']),
      name: z.string().meta({ description: 'The alarm’s name in CloudWatch, or the person’s.' }),
      reason: z.string(),
    }),
    steps: z.array(
      z.strictObject({
        step: z.enum([...ROLLBACK_STEPS, 'unknown']),
        outcome: z.enum([...STEP_OUTCOMES, 'unknown']),
        detail: z.string().meta({ description: 'In words for people.', examples: ['0 (was 1)'] }),
      }),
    ),
    duration_ms: z
      .number()
      .min(0)
      .meta({ description: 'Milliseconds.', examples: [2_300] }),
    attempts: z
      .int()
      .min(0)
      .meta({ description: 'How often the event was worked on.', examples: [1] }),
    is_finished: z.boolean().meta({ description: 'Every step is done and told.' }),
  })
  .meta({ id: 'Rollback', description: 'What an alarm or a person did to the worker, the jobs or the API.' });

export type RollbackBody = z.output<typeof rollbackSchema>;

const rollbackPageSchema = z
  .strictObject({
    rollbacks: z.array(rollbackSchema).meta({ description: 'Newest first.' }),
    count: z.int().min(0),
    cursor: z.string().nullable().meta({ description: 'Where to go on; null at the end.' }),
    worker_stop: rollbackSchema.nullable().meta({
      description:
        'The action that stopped the worker, while nobody has resumed it. This API cannot: `npm run broker -- resume worker` does.',
    }),
  })
  .meta({ id: 'RollbackPage', description: 'A part of the history.' });

export type RollbackPageBody = z.output<typeof rollbackPageSchema>;

const alarmSchema = z
  .strictObject({
    name: z.string().meta({ description: 'As CloudWatch calls it.' }),
    state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
    since: time('Since when it is in this state.').nullable(),
    reason: z.string().nullable().meta({ description: 'Why, in CloudWatch’s words.' }),
    description: z
      .string()
      .nullable()
      .meta({ description: 'What it means, and what the system does by itself.' }),
    runbook: z.string().nullable().meta({ description: 'What to do about it: a path in the repository.' }),
  })
  .meta({ id: 'Alarm', description: 'An alarm as it is now.' });

export type AlarmBody = z.output<typeof alarmSchema>;

const alarmsSchema = z
  .strictObject({
    available: z.boolean().meta({ description: 'Whether CloudWatch could be asked.' }),
    reason: z.string().nullable().meta({ description: 'Why it could not.' }),
    alarms: z.array(alarmSchema).meta({ description: 'Those in ALARM first.' }),
    missing: z.array(z.string()).meta({ description: 'Alarms that should exist and do not.' }),
  })
  .meta({ id: 'Alarms', description: 'The alarms of this environment.' });

export type AlarmsBody = z.output<typeof alarmsSchema>;

const ROLLBACK_EXAMPLE: RollbackBody = {
  at: 1_795_439_003,
  action: 'rollback_worker',
  cause: {
    kind: 'alarm',
    name: 'sandbox-broker-prod-worker-memory-high',
    reason: 'Threshold Crossed: 2 datapoints were greater than the threshold (80.0).',
  },
  steps: [
    { step: 'desired_count_parameter', outcome: 'done', detail: '0 (was 1)' },
    { step: 'worker_service', outcome: 'done', detail: '0 (was 1)' },
    { step: 'jobs_runner', outcome: 'done', detail: 'api (was worker)' },
  ],
  duration_ms: 2_300,
  attempts: 1,
  is_finished: true,
};

/** What on-call people look at first. */
export const ON_CALL_OPERATIONS: Operation[] = [
  {
    operationId: 'listRollbacks',
    method: 'get',
    path: '/admin/rollbacks',
    at: 'base',
    tag: 'On call',
    access: 'admin',
    summary: 'See what alarms and people did',
    description:
      'The rollbacks, freezes and resumes of the last 400 days, newest first, and whether the worker is stopped.',
    query: rollbackQuery,
    answers: {
      200: {
        description: 'A page.',
        schema: rollbackPageSchema,
        example: { rollbacks: [ROLLBACK_EXAMPLE], count: 1, cursor: null, worker_stop: ROLLBACK_EXAMPLE },
      },
    },
    errors: ['SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'listAlarms',
    method: 'get',
    path: '/admin/alarms',
    at: 'base',
    tag: 'On call',
    access: 'admin',
    summary: 'See the alarms',
    description:
      'The CloudWatch alarms of this environment. Where there are none, or they cannot be read, the answer says why. ' +
      'An answer stands for ten seconds.',
    answers: {
      200: {
        description: 'The alarms, or why they cannot be told.',
        schema: alarmsSchema,
        example: {
          available: true,
          reason: null,
          alarms: [
            {
              name: 'sandbox-broker-prod-pool-nearly-empty',
              state: 'ALARM',
              since: 1_795_439_003,
              reason: 'Threshold Crossed: 1 datapoint was less than the threshold (10.0).',
              description: 'Fewer sandboxes are available than the threshold.',
              runbook: 'docs/runbooks/pool-nearly-empty.md',
            },
          ],
          missing: [],
        },
      },
    },
    errors: [],
  },
];
