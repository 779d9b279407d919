import { z } from 'zod';
import { SANDBOX_STATUSES } from '../../allocation/sandbox';
import { MAX_HEADER_LENGTH } from '../../middleware/caller';

/*
 * Fields that more than one call has. Answers name every field always; what there is nothing to say about is null.
 */

/** A time. Unix seconds, everywhere in the API. */
export function time(description: string, example = 1_795_439_003): z.ZodInt {
  return z
    .int()
    .min(0)
    .meta({ description: `${description} Unix seconds.`, examples: [example] });
}

export const sandboxId = z.string().meta({
  description: 'The portal’s number for the account, as text.',
  examples: ['2009537'],
});

export const sandboxName = z.string().meta({
  description: 'As the portal names it. Escape it before it is shown on a page.',
  examples: ['csp-sandbox-0017'],
});

export const externalId = z.string().meta({
  description: 'The portal’s own path for the account.',
  examples: ['identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d'],
});

export const sfdcAccountId = z
  .string()
  .nullable()
  .meta({ description: 'The Salesforce account, if it has one.', examples: ['001BE91C4A'] });

/** What holders see. Tombstones are shown to nobody, and an unconfirmed deletion as a pending one. */
export const sandboxStatus = z
  .enum(SANDBOX_STATUSES)
  .exclude(['deleted', 'deletion_unconfirmed'])
  .meta({
    id: 'SandboxStatus',
    description:
      '`available`: can be allocated. `allocated`: a student has it. `pending_deletion`: given back or expired, and ' +
      'soon deleted. `deletion_failed`: the portal refused. `stale`: the portal does not list it any more.',
  });

/** What admins see. */
export const adminSandboxStatus = z
  .enum(SANDBOX_STATUSES)
  .exclude(['deleted'])
  .meta({
    id: 'AdminSandboxStatus',
    description:
      'As `SandboxStatus`, and besides `deletion_unconfirmed`: the portal accepted the deletion or did not find the ' +
      'account, but no later list has confirmed that it is gone.',
  });

/** A header of ours, in a request. Empty is as good as not sent. */
export function requestHeader(description: string, example: string): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .max(MAX_HEADER_LENGTH)
    .regex(/^[\x20-\x7e]*$/)
    .optional()
    .meta({ description, examples: [example] });
}

/** The path of one sandbox. */
export const sandboxPath = z.object({
  id: z
    .string()
    .max(MAX_HEADER_LENGTH)
    .meta({ description: 'The `sandbox_id` that allocate answered with.', examples: ['2009537'] }),
});
