import { z } from 'zod';
import { BULK_DELETABLE } from '../../admin/admin-service';
import { LISTED_STATUSES } from '../../admin/sandbox-list';
import { wholeNumberParameter } from '../parse-input';
import { adminSandboxStatus, sandboxPath, time } from './fields';
import type { Operation } from './operation';
import { SANDBOX_EXAMPLE, sandboxSchema } from './sandbox-operations';

const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 50;

/** What the list is asked for. */
export const listQuery = z.object({
  status: z
    .enum(LISTED_STATUSES, { error: `must be one of ${LISTED_STATUSES.join(', ')}` })
    .optional()
    .meta({ description: 'Only those in this status.', examples: ['deletion_failed'] }),
  caller: z
    .string({ error: 'must be given once' })
    .regex(/^[\x20-\x7e]{1,256}$/, 'must have 1 to 256 printable characters')
    .optional()
    .meta({ description: 'Only those that this caller has, or had last.', examples: ['student-1'] }),
  name_prefix: z
    .string({ error: 'must be given once' })
    .min(1, 'must have 1 to 256 characters')
    .max(256, 'must have 1 to 256 characters')
    .optional()
    .meta({ description: 'Only those whose name begins with this.', examples: ['csp-sandbox-00'] }),
  limit: wholeNumberParameter(1, MAX_PAGE_SIZE, 100)
    .default(DEFAULT_PAGE_SIZE)
    .meta({ description: 'How many at most.', override: { default: DEFAULT_PAGE_SIZE } }),
  cursor: z
    .string({ error: 'must be given once' })
    .max(2_048, 'is no cursor of ours')
    .optional()
    .meta({
      description: 'The `cursor` of the last answer, with the same filter.',
      examples: ['WyJqR2RrSkVmUCIsNyxudWxsXQ'],
    }),
});

/** Which rows to remove. */
export const bulkDeleteQuery = z.object({
  status: z
    .enum(BULK_DELETABLE, {
      error: `must be ${BULK_DELETABLE.join(' or ')}: rows of any other status are somebody's`,
    })
    .meta({ description: 'Rows of any other status are somebody’s.', examples: ['stale'] }),
});

/** A sandbox as admins see it: the holder's view, and what only they may know. */
export const adminSandboxSchema = z
  .strictObject({
    ...sandboxSchema.shape,
    status: adminSandboxStatus,
    allocated_to_track: z
      .string()
      .nullable()
      .meta({ description: 'The caller that has it, or had it last.', examples: ['student-1'] }),
    idempotency_key: z
      .string()
      .nullable()
      .meta({ description: 'The key that it was allocated with.', examples: ['student-1'] }),
    deletion_retry_count: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'How many attempts to delete it have failed.', examples: [0] }),
    deletion_given_up: z
      .boolean()
      .meta({ description: 'No job tries any more. Call retry-deletion when the cause is gone.' }),
    next_attempt_at: time('When its deletion is tried next.').nullable(),
    deletion_sent_at: time(
      'Since when its deletion is unconfirmed: when the portal first accepted it, or did not find the account.',
    ).nullable(),
    stale_since: time('Since when the portal has not listed it.').nullable(),
    missed_syncs: z
      .int()
      .min(0)
      .meta({ description: 'Syncs in a row that did not list it.', examples: [0] }),
    last_synced: time('When a sync last changed it.').nullable(),
    created_at: time('When a sync first found it.'),
    updated_at: time('When it last changed.'),
    version: z
      .int()
      .min(1)
      .meta({ description: 'Grows by one with every change.', examples: [2] }),
  })
  .meta({ id: 'AdminSandbox', description: 'A sandbox as admins see it.' });

export type AdminSandboxBody = z.output<typeof adminSandboxSchema>;

export const sandboxPageSchema = z
  .strictObject({
    sandboxes: z.array(adminSandboxSchema),
    count: z
      .int()
      .min(0)
      .meta({ description: 'How many this page has. A page with none may have a cursor.', examples: [1] }),
    cursor: z
      .string()
      .nullable()
      .meta({ description: 'Where to go on; null at the end.', examples: ['WyJqR2RrSkVmUCIsNyxudWxsXQ'] }),
    unreadable: z.array(z.string()).meta({
      description:
        'The ids of rows that belong here and cannot be read: another release, or a person, wrote them.',
    }),
    unread_shards: z
      .int()
      .min(0)
      .meta({
        description:
          'Parts of the index that did not answer and were passed over: their rows are missing here.',
        examples: [0],
      }),
  })
  .meta({ id: 'SandboxPage', description: 'A part of the list.' });

export type SandboxPageBody = z.output<typeof sandboxPageSchema>;

const count = z.int().min(0);

const known = count.nullable();

export const statsSchema = z
  .strictObject({
    total: known.meta({ description: 'All rows but tombstones. Null unless every status was counted.' }),
    available: known,
    allocated: known,
    pending_deletion: known,
    deletion_unconfirmed: known.meta({
      description: 'Deletions that the portal accepted, and that no later list has confirmed yet.',
    }),
    deletion_failed: known,
    stale: known,
    deletion_given_up: known.meta({ description: 'Of `deletion_failed`: those that no job tries any more.' }),
    listed_after_deletion: count.nullable().meta({
      description:
        'Accounts that count as deleted and that the portal listed all the same, as the last sync found. Null when ' +
        'that sync did not compare, or its record could not be read.',
      examples: [0],
    }),
    uncounted: z
      .array(z.string())
      .optional()
      .meta({
        description:
          'The counts above that are null because part of the table did not answer. Absent when all of it did.',
        examples: [['stale']],
      }),
  })
  .meta({
    id: 'PoolStats',
    description: 'How many sandboxes there are in each status; null where that could not be counted.',
  });

export type StatsBody = z.output<typeof statsSchema>;

export const bulkDeletionSchema = z
  .strictObject({
    status: z.enum(['completed', 'partial']).meta({
      description: '`partial`: the time for an answer was over before all rows were. Call again to go on.',
    }),
    deleted: count.meta({ description: 'Rows removed by this call.' }),
    refused: count
      .optional()
      .meta({ description: 'Rows that the table did not accept; the log names them.' }),
  })
  .meta({ id: 'BulkDeletion', description: 'How many rows are gone.' });

export type BulkDeletionBody = z.output<typeof bulkDeletionSchema>;

const ADMIN_SANDBOX_EXAMPLE: AdminSandboxBody = {
  ...SANDBOX_EXAMPLE,
  allocated_to_track: 'student-1',
  idempotency_key: 'student-1',
  deletion_retry_count: null,
  deletion_given_up: false,
  next_attempt_at: null,
  deletion_sent_at: null,
  stale_since: null,
  missed_syncs: 0,
  last_synced: 1_795_430_000,
  created_at: 1_795_430_000,
  updated_at: 1_795_439_003,
  version: 2,
};

/** What admins see of the pool, and do with it. */
export const POOL_OPERATIONS: Operation[] = [
  {
    operationId: 'listSandboxes',
    method: 'get',
    path: '/admin/sandboxes',
    at: 'base',
    tag: 'Pool',
    access: 'admin',
    summary: 'List sandboxes',
    description:
      'Walking `cursor` to its end shows every row that was there all the time, whatever the pool’s size. Each list is ' +
      'read from an index that may lag by a moment.',
    query: listQuery,
    answers: {
      200: {
        description: 'A page.',
        schema: sandboxPageSchema,
        example: {
          sandboxes: [ADMIN_SANDBOX_EXAMPLE],
          count: 1,
          cursor: null,
          unreadable: [],
          unread_shards: 0,
        },
      },
    },
    errors: ['SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'getAnySandbox',
    method: 'get',
    path: '/admin/sandboxes/{id}',
    at: 'base',
    tag: 'Pool',
    access: 'admin',
    summary: 'Look at any sandbox',
    description: 'One sandbox, whoever has it, as the table has it at this moment.',
    pathParameters: sandboxPath,
    answers: {
      200: { description: 'The sandbox.', schema: adminSandboxSchema, example: ADMIN_SANDBOX_EXAMPLE },
    },
    errors: ['SANDBOX_NOT_FOUND', 'SANDBOX_UNREADABLE', 'SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'getStats',
    method: 'get',
    path: '/admin/stats',
    at: 'base',
    tag: 'Pool',
    access: 'admin',
    summary: 'Count the pool',
    description:
      'Counts every row, whatever the pool’s size. That reads a whole index: do not poll it by the second. ' +
      'Part of the index that does not answer leaves only its own status uncounted.',
    answers: {
      200: {
        description: 'The counts.',
        schema: statsSchema,
        example: {
          total: 212,
          available: 150,
          allocated: 40,
          pending_deletion: 12,
          deletion_unconfirmed: 0,
          deletion_failed: 8,
          stale: 2,
          deletion_given_up: 1,
          listed_after_deletion: 0,
        },
      },
    },
    errors: ['SERVICE_UNAVAILABLE'],
  },
  {
    operationId: 'bulkDelete',
    method: 'post',
    path: '/admin/bulk-delete',
    at: 'base',
    tag: 'Pool',
    access: 'admin',
    summary: 'Remove rows',
    description:
      'Removes the rows of a status from the table; the portal is not touched. Those whose deletion failed leave ' +
      'tombstones, so that a sync does not hand a used account to the next student. Repeat it while it answers `partial`.',
    query: bulkDeleteQuery,
    answers: {
      200: {
        description: 'They are gone.',
        schema: bulkDeletionSchema,
        example: { status: 'completed', deleted: 2 },
      },
    },
    errors: ['SERVICE_UNAVAILABLE', 'PAYLOAD_TOO_LARGE'],
  },
  {
    operationId: 'retryDeletion',
    method: 'post',
    path: '/admin/sandboxes/{id}/retry-deletion',
    at: 'base',
    tag: 'Pool',
    access: 'admin',
    summary: 'Try a deletion again',
    description:
      'Gives a sandbox whose deletion failed, or is unconfirmed, all its attempts anew. The next cleanup takes it.',
    pathParameters: sandboxPath,
    answers: {
      200: {
        description: 'It is in line again.',
        schema: adminSandboxSchema,
        example: {
          ...ADMIN_SANDBOX_EXAMPLE,
          status: 'pending_deletion',
          deletion_requested_at: 1_795_440_000,
          deletion_retry_count: 0,
          next_attempt_at: 1_795_450_000,
        },
      },
    },
    errors: [
      'SANDBOX_NOT_FOUND',
      'SANDBOX_UNREADABLE',
      'DELETION_NOT_FAILED',
      'SERVICE_UNAVAILABLE',
      'PAYLOAD_TOO_LARGE',
    ],
  },
];
