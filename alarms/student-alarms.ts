import type { AlarmDefinition, ServiceMetric } from './alarm-definition';
import { FIVE_MINUTES_SECONDS, NO_REACTION, ONE_MINUTE_SECONDS } from './alarm-shapes';
import { NO_DATA_IS_ZERO } from './formulas';

/*
 * The alarms on what students meet, or will meet soon. A class starts within a second and is over with it, so one period
 * is enough for each of them: whoever waited for a second one would hear of no class at all.
 */

/** In the first period in which it happens. The line of each request makes the metric, so it is 0 while nothing happens. */
const AT_ONCE = {
  comparison: 'GreaterThanOrEqualToThreshold',
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missingData: 'notBreaching',
  ...NO_REACTION,
} as const;

/** With fewer requests in a minute the slowest one in a hundred is a single call, such as a sync that an admin waits for. */
const MINIMUM_REQUESTS = 100;

/** By name, as the other alarms. */
export const STUDENT_ALARMS = {
  pool_empty: {
    meaning:
      'A student was told that no sandbox is available, in the whole pool or for the prefix asked for.',
    systemResponse: 'Sync adds new accounts of the portal every ten minutes; nothing here creates accounts.',
    runbook: 'docs/runbooks/pool-empty.md',
    source: { kind: 'log', metric: 'AllocationsPoolEmpty', statistic: 'Sum' },
    threshold: { thresholdCount: 1 },
    periodSeconds: ONE_MINUTE_SECONDS,
    ...AT_ONCE,
  },
  allocation_contended: {
    meaning: 'Within a minute five allocations or more ended as contended: students were told to try again.',
    systemResponse: 'Nobody loses a sandbox by it; the scripts of the labs ask again as Retry-After says.',
    runbook: 'docs/runbooks/allocation-contended.md',
    source: { kind: 'log', metric: 'AllocationsContended', statistic: 'Sum' },
    // The first second of a class may bring a few, which one more try absorbs.
    threshold: { thresholdCount: 5 },
    periodSeconds: ONE_MINUTE_SECONDS,
    ...AT_ONCE,
  },
  allocation_rate_high: {
    meaning:
      'Within five minutes more sandboxes were given out than in the largest class: a token may be draining the pool.',
    systemResponse: 'Rate limits slow a single caller and a single address down; nothing stops many of them.',
    runbook: 'docs/runbooks/allocation-rate-high.md',
    source: { kind: 'log', metric: 'Allocations', statistic: 'Sum' },
    threshold: { thresholdCount: { variable: 'allocationRateThreshold' } },
    periodSeconds: FIVE_MINUTES_SECONDS,
    ...AT_ONCE,
  },
  firewall_blocks: {
    meaning: 'Within five minutes the firewall blocked a hundred requests or more, be it those of a class.',
    systemResponse:
      'An address that is over the limit stays blocked until it has asked less for five minutes.',
    runbook: 'docs/runbooks/firewall-blocks.md',
    // A single scanner of the internet stays far below. WAF reports nothing while it blocks nothing.
    source: { kind: 'firewall', metricName: 'BlockedRequests', statistic: 'Sum' },
    threshold: { thresholdCount: 100 },
    periodSeconds: FIVE_MINUTES_SECONDS,
    ...AT_ONCE,
  },
  api_latency_high: {
    meaning:
      'In a minute with a hundred requests or more, one in a hundred of them waited five seconds or longer.',
    systemResponse:
      'Autoscaling adds tasks if the load lasts for minutes; a call that has waited too long gets a 503.',
    runbook: 'docs/runbooks/api-latency-high.md',
    source: {
      kind: 'math',
      expression: `IF((${NO_DATA_IS_ZERO} + requests) >= ${MINIMUM_REQUESTS}, ${NO_DATA_IS_ZERO} + slowest, 0)`,
      terms: {
        requests: { kind: 'load_balancer', metricName: 'RequestCount', statistic: 'Sum' },
        slowest: { kind: 'target_group', metricName: 'TargetResponseTime', statistic: 'p99' },
      },
    },
    threshold: { thresholdSeconds: 5 },
    periodSeconds: ONE_MINUTE_SECONDS,
    ...AT_ONCE,
    // One of them is enough; the newest may have no data yet (formulas.ts).
    evaluationPeriods: 5,
  },
} as const satisfies Record<string, AlarmDefinition<ServiceMetric>>;
