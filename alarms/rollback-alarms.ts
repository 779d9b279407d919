import type { AlarmDefinition, RollbackMetric } from './alarm-definition';

/*
 * The alarms on the rollback itself: whoever counts on it must hear when it does not work. They come and go with the
 * rollback stack.
 */

/** Both go off at the first sign: nothing here fails in a good week, because nothing here runs in one. */
const AT_ONCE = {
  threshold: { thresholdCount: 1 },
  comparison: 'GreaterThanOrEqualToThreshold',
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  triggersRollback: false,
  stopsApiJobs: false,
  isDeploymentAlarm: false,
} as const;

const RUNBOOK = 'docs/runbooks/rollback-failed.md';

/** By name, in CloudWatch called as the others are. */
export const ROLLBACK_ALARMS = {
  /** What went wrong just now. It ends by itself, so that the next failure is heard again. */
  rollback_failed: {
    meaning:
      'The automated rollback was called for and has failed, at least in part: the worker may still run.',
    systemResponse:
      'A failed attempt is repeated one minute and two minutes later; look before that is over.',
    runbook: RUNBOOK,
    source: {
      kind: 'sum',
      of: [
        { kind: 'rollback_function', metricName: 'Errors', statistic: 'Sum' },
        // Lambda tries these again by itself, for a quarter of an hour: too late to say nothing until then.
        { kind: 'rollback_function', metricName: 'Throttles', statistic: 'Sum' },
        { kind: 'rollback_function', metricName: 'DestinationDeliveryFailures', statistic: 'Sum' },
        { kind: 'rollback_rule', metricName: 'FailedInvocations', statistic: 'Sum' },
        { kind: 'rollback_rule', metricName: 'InvocationsFailedToBeSentToDlq', statistic: 'Sum' },
      ],
    },
    // Lambda and EventBridge report nothing when nothing happens.
    missingData: 'notBreaching',
    ...AT_ONCE,
    // These metrics come late, and until then the sum is 0: a minute that is judged once, and at once, would always be
    // well (formulas.ts).
    evaluationPeriods: 5,
  },
  /** What is still to be done. It lasts until somebody has taken the events out of the queues. */
  rollback_dead_letters: {
    meaning: 'An alarm asked for the automated rollback, and the system has given up carrying it out.',
    systemResponse: 'The event is kept for 14 days in a queue of dead letters, and nothing tries it again.',
    runbook: RUNBOOK,
    source: {
      kind: 'dead_letters',
      metricName: 'ApproximateNumberOfMessagesVisible',
      statistic: 'Maximum',
    },
    // SQS stops reporting on a queue that nobody has used for six hours. What was in it is still there.
    missingData: 'ignore',
    ...AT_ONCE,
  },
} as const satisfies Record<string, AlarmDefinition<RollbackMetric>>;

export type RollbackAlarmName = keyof typeof ROLLBACK_ALARMS;

/** All names, in the order in which a person reads them. */
export const ROLLBACK_ALARM_NAMES = Object.keys(ROLLBACK_ALARMS) as RollbackAlarmName[];
