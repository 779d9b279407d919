import type { Scenario } from './scenario';
import { costScenario } from './scenarios/cost';
import { footprintScenario } from './scenarios/footprint';
import { growthScenario } from './scenarios/growth';
import { hangingKeysScenario } from './scenarios/hanging-keys';
import { lastSeatsScenario } from './scenarios/last-seats';
import { limitScenario } from './scenarios/limit';
import { madeUpPrefixesScenario } from './scenarios/made-up-prefixes';
import { mixedCrowdScenario } from './scenarios/mixed-crowd';
import { prefixScenario } from './scenarios/prefix';
import { replayScenario } from './scenarios/replay';
import { stampedeScenario } from './scenarios/stampede';
import { throttledShardScenario } from './scenarios/throttled-shard';

/** All scenarios, in the order in which they run. A later one may read the results of earlier ones. */
export const SCENARIOS: readonly Scenario[] = [
  limitScenario,
  stampedeScenario,
  lastSeatsScenario,
  prefixScenario,
  replayScenario,
  mixedCrowdScenario,
  throttledShardScenario,
  hangingKeysScenario,
  madeUpPrefixesScenario,
  costScenario,
  growthScenario,
  footprintScenario,
];
