import type { Clock, Random } from '../allocation/clock';
import { RowRefusedError, type WriteOutcome } from '../store/sandbox-store';

const MAX_TRIES = 6;
const BASE_DELAY_MS = 50;

/** The table refuses the row for what is in it: final for this row, and of no concern to others. */
export interface RefusedOutcome {
  kind: 'refused';
  error: RowRefusedError;
}

/**
 * A write of a background job, which has time: repeated with growing random delays while DynamoDB throttles it or
 * another transaction is at the same row. `changed` is final: the row has moved on, and so must the job. So is
 * `refused`: one row that the table does not accept must not end the run for all others.
 */
export async function writePatiently<Outcome extends { kind: string } = WriteOutcome>(
  write: () => Promise<Outcome>,
  { clock, random }: { clock: Clock; random: Random },
): Promise<Outcome | RefusedOutcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await refusalOr(write);
    const isTemporary = outcome.kind === 'conflict' || outcome.kind === 'throttled';
    if (!isTemporary || tries === MAX_TRIES) return outcome;
    await clock.sleep(random() * BASE_DELAY_MS * 2 ** tries);
  }
}

async function refusalOr<Outcome>(write: () => Promise<Outcome>): Promise<Outcome | RefusedOutcome> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof RowRefusedError) return { kind: 'refused', error };
    throw error;
  }
}
