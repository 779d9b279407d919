import { z } from 'zod';
import type { Operation } from './operation';

const LIFECYCLE_STATES = ['starting', 'serving', 'draining'] as const;

export const healthSchema = z
  .strictObject({ status: z.enum(['ok', 'starting', 'draining']) })
  .meta({ id: 'Health', description: 'Whether the process lives.' });

export type HealthBody = z.output<typeof healthSchema>;

export const readinessSchema = z
  .strictObject({
    status: z.enum(['ready', 'not_ready']),
    lifecycle: z.enum(LIFECYCLE_STATES),
    checks: z.strictObject({
      dynamodb: z.enum(['ok', 'unreachable', 'access_denied', 'table_inaccessible']).meta({
        description:
          'Whether the table answers. `access_denied`: the credentials or permissions of this process are not valid. ' +
          '`table_inaccessible`: the table is missing, or its KMS key cannot be used. A result stands for two seconds.',
      }),
    }),
  })
  .meta({ id: 'Readiness', description: 'Whether it could serve a student now.' });

export type ReadinessBody = z.output<typeof readinessSchema>;

/** What machines ask. */
export const PROBE_OPERATIONS: Operation[] = [
  {
    operationId: 'getHealth',
    method: 'get',
    path: '/healthz',
    at: 'root',
    tag: 'Probes',
    access: 'probe',
    summary: 'Does the process live?',
    description:
      'Load balancer and container checks use this one. It does not ask the table, so that a brownout of DynamoDB does ' +
      'not have every task killed.',
    answers: {
      200: {
        description: 'It serves.',
        schema: healthSchema,
        example: { status: 'ok' },
      },
      503: {
        description: 'It has not begun, or is ending.',
        schema: healthSchema,
        example: { status: 'draining' },
      },
    },
    errors: [],
  },
  {
    operationId: 'getReadiness',
    method: 'get',
    path: '/readyz',
    at: 'root',
    tag: 'Probes',
    access: 'probe',
    summary: 'Could it serve a student now?',
    description: 'Asks the table as well. An alarm watches it.',
    answers: {
      200: {
        description: 'It could.',
        schema: readinessSchema,
        example: { status: 'ready', lifecycle: 'serving', checks: { dynamodb: 'ok' } },
      },
      503: {
        description: 'It could not.',
        schema: readinessSchema,
        example: { status: 'not_ready', lifecycle: 'serving', checks: { dynamodb: 'unreachable' } },
      },
    },
    errors: [],
  },
  {
    operationId: 'getMetrics',
    method: 'get',
    path: '/metrics',
    at: 'root',
    tag: 'Probes',
    access: 'probe',
    summary: 'Metrics of this process',
    description: 'Prometheus text. The pool is counted at most once a minute, however often this is scraped.',
    answers: {
      200: {
        description: 'Prometheus text.',
        schema: z.string(),
        contentType: 'text/plain',
        example: '# HELP sandboxes_available …\n# TYPE …\n',
      },
    },
    errors: [],
  },
];
