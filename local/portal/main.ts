import { z } from 'zod';
import { startPortalSimulator } from './portal-simulator';

/*
 * The portal simulator as a process of its own; settings come from the environment, as JSON in one variable:
 * PORTAL_SIMULATOR='{"port": 9500, "apiToken": "…", "sandboxCount": 50}'. Ends at SIGTERM or SIGINT.
 */

const settingsSchema = z.strictObject({
  port: z.int().min(0).max(65535),
  apiToken: z.string().min(1),
  sandboxCount: z.int().min(0),
  namePrefix: z.string().optional(),
  refill: z
    .strictObject({
      targetCount: z.int(),
      intervalMs: z.int().positive(),
      maxPerInterval: z.int().positive(),
    })
    .optional(),
});

/** Runs the simulator until a signal comes. */
async function main(): Promise<void> {
  const settings = settingsSchema.parse(JSON.parse(process.env.PORTAL_SIMULATOR ?? 'null'));
  const portal = await startPortalSimulator(settings);
  console.log(`Portal simulator listening on ${portal.url}`);
  const stop = (): void => void portal.stop();
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
