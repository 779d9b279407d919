import type { Clock } from './allocation/clock';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import { TokenBuckets } from './middleware/token-bucket';
import type { Refusal } from './refusal';

/** Anybody can open connections and send rubbish: that must not fill the log. All are counted. */
const LINES = { perSecond: 1, burst: 20 };

/**
 * Counts what was refused before it became a request, and writes a line for the first twenty and then one a second;
 * `unlogged` tells how many had none since the line before. `info`: it is the sender's fault, and nobody here has to act.
 */
export function refusalLog(logger: Logger, metrics: Metrics, clock: Clock): (refusal: Refusal) => void {
  const lines = new TokenBuckets(LINES, clock);
  let unlogged = 0;
  return ({ reason, requestId, status, remoteAddress }) => {
    metrics.refusals.inc({ reason });
    if (!lines.take('all').isAllowed) {
      unlogged += 1;
      return;
    }
    const line = { request_id: requestId, action: 'refuse', outcome: reason, status };
    logger.info({ ...line, remote_address: remoteAddress, unlogged }, 'refused before it was a request');
    unlogged = 0;
  };
}
