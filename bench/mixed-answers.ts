import { sandboxIn } from './load/answers';
import type { AllocateCall } from './load/load-generator';
import type { TimedAnswer } from './load/raw-connection';
import { audit } from './pool/audit';
import type { Item } from '../app/store/items';
import { percentile } from './statistics';

/** How it went for one kind of caller. Failed calls are in the percentiles. */
export interface KindOfCaller {
  callCount: number;
  p50Ms: number;
  p99Ms: number;
  /** Answered with no sandbox at all. */
  failedCount: number;
}

/** How newcomers fared, and those who hold a sandbox and called at the same instant. */
export interface MixedAnswers {
  newcomers: KindOfCaller;
  /** `wrongCount`: answers that name another sandbox than the one that the caller holds. */
  repeaters: (KindOfCaller & { wrongCount: number }) | undefined;
  /** By the answers and the table: see `Audit`. */
  doubleCount: number;
}

/** Tells the two kinds apart by who held which sandbox before. `items` is the whole table afterwards. */
export function judgeMixedAnswers(
  answered: readonly [AllocateCall, TimedAnswer][],
  held: ReadonlyMap<string, string>,
  items: Item[],
): MixedAnswers {
  const ofNewcomers = answered.filter(([{ caller }]) => !held.has(caller));
  const ofRepeaters = answered.filter(([{ caller }]) => held.has(caller));
  const wrongCount = ofRepeaters.filter(([{ caller }, answer]) => {
    const sandboxId = sandboxIn(answer);
    return sandboxId !== undefined && sandboxId !== held.get(caller);
  }).length;
  const given = answered.flatMap(([{ caller }, answer]) => {
    const sandboxId = sandboxIn(answer);
    return sandboxId === undefined ? [] : [{ caller, sandboxId }];
  });
  return {
    newcomers: kindOf(ofNewcomers),
    repeaters: ofRepeaters.length === 0 ? undefined : { ...kindOf(ofRepeaters), wrongCount },
    doubleCount: audit(given, items).doubleCount,
  };
}

function kindOf(answered: readonly [AllocateCall, TimedAnswer][]): KindOfCaller {
  const latenciesMs = answered.map(([, { startedAtMs, endedAtMs }]) => endedAtMs - startedAtMs);
  return {
    callCount: answered.length,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    failedCount: answered.filter(([, answer]) => sandboxIn(answer) === undefined).length,
  };
}
