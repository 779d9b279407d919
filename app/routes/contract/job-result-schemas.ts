import { z } from 'zod';
import { count, duration } from './job-run-schemas';

/*
 * What a call that runs a job answers once the run has ended.
 */

/** The answer to running a job: what it counted, and how far it came. */
function jobRunSchema(
  id: string,
  counts: Record<string, z.ZodInt>,
  whenAny: Record<string, z.ZodOptional<z.ZodInt>> = {},
): z.ZodDiscriminatedUnion {
  const partial = Object.fromEntries(Object.entries(counts).map(([name, each]) => [name, each.optional()]));
  return z
    .discriminatedUnion('status', [
      z.strictObject({ status: z.literal('completed'), ...counts, ...whenAny, duration_ms: duration }),
      z.strictObject({
        status: z
          .literal('guarded')
          .meta({ description: 'It did what was safe, and refused the rest; `error` says why.' }),
        ...counts,
        ...whenAny,
        duration_ms: duration,
        error: z.string(),
      }),
      z.strictObject({
        status: z
          .literal('stopped')
          .meta({ description: 'The process that ran it is ending, or lost its lease. Another goes on.' }),
        ...partial,
        ...whenAny,
        duration_ms: duration,
      }),
    ])
    .meta({ id, description: 'How the run ended, and what it did.' });
}

export const syncRunSchema = jobRunSchema('SyncRun', {
  listed: count.meta({ description: 'Sandboxes that the portal listed.' }),
  added: count.meta({ description: 'New ones.' }),
  updated: count.meta({ description: 'With another name or number than before.' }),
  restocked: count.meta({ description: 'Stale ones that are listed again.' }),
  missed: count.meta({ description: 'Not listed, for the first time.' }),
  stale: count.meta({ description: 'Not listed again: nobody gets them any more.' }),
  conflicting: count.meta({
    description:
      'Rows and accounts that contradict each other about who is who. They were skipped; the log names them.',
  }),
  unusable: count.meta({
    description: 'Entries of the list that cannot be used. Those with a readable id count as listed.',
  }),
  refused: count.meta({ description: 'Rows that the table did not accept; the log names them.' }),
  listed_after_deletion: count.meta({
    description: 'Accounts that count as deleted, and are listed all the same.',
  }),
});

export const cleanupRunSchema = jobRunSchema('CleanupRun', {
  deleted: count.meta({ description: 'Confirmed: a list requested after the deletion does not name them.' }),
  unconfirmed: count.meta({
    description:
      'The portal accepted the deletion or did not find the account; no list has confirmed it yet.',
  }),
  failed: count.meta({ description: 'An attempt was charged to them.' }),
  postponed: count.meta({ description: 'Left for the next run; they lose no attempt.' }),
  skipped: count.meta({
    description:
      'Rows that cannot be read or written, or whose account is not theirs to delete; the log names them.',
  }),
});

export const staleRunSchema = jobRunSchema(
  'AutoDeleteStaleRun',
  {
    deleted: count.meta({ description: 'Rows removed.' }),
    corrected: count.meta({ description: 'Rows whose time cannot be right: stale from now on.' }),
  },
  {
    refused: count
      .optional()
      .meta({ description: 'Rows that the table did not accept; the log names them.' }),
  },
);
