import type { Clock, Random } from '../allocation/clock';
import type { WriteOutcome } from '../store/sandbox-store';

const MAX_TRIES = 6;
const BASE_DELAY_MS = 50;

/**
 * A write of a background job, which has time: repeated with growing random delays while DynamoDB throttles it or
 * another transaction is at the same row. `changed` is final: the row has moved on, and so must the job.
 */
export async function writePatiently(
  write: () => Promise<WriteOutcome>,
  { clock, random }: { clock: Clock; random: Random },
): Promise<WriteOutcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await write();
    if (outcome.kind === 'written' || outcome.kind === 'changed' || tries === MAX_TRIES) return outcome;
    await clock.sleep(random() * BASE_DELAY_MS * 2 ** tries);
  }
}
