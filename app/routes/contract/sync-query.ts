import { z } from 'zod';

/** What may be asked of a sync. */
export const syncQuery = z.object({
  initialise: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .optional()
    .meta({
      examples: ['true'],
      description:
        '`true` binds a table that was never initialised, or was restored, to the portal first. Only then is anything ' +
        'added. See the runbook on restoring the table before you do that in a restored one.',
    }),
});
