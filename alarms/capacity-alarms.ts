import type { AlarmDefinition, ServiceMetric } from './alarm-definition';
import { NO_REACTION, ONE_MINUTE_SECONDS } from './alarm-shapes';
import { NO_DATA_IS_ZERO } from './formulas';
import type { ServiceName } from './log-metrics';

/*
 * The alarms on tasks that are wanted and do not run. A service that a person or the rollback has set to 0 wants none.
 */

function belowDesired<Service extends ServiceName>(service: Service) {
  return {
    runbook: 'docs/runbooks/tasks-below-desired.md',
    source: {
      kind: 'math',
      // Container Insights reports both each minute; without it both are missing, and the difference is 0.
      expression: `${NO_DATA_IS_ZERO} + desired - running`,
      terms: {
        desired: { kind: 'ecs_tasks', service, metricName: 'DesiredTaskCount', statistic: 'Maximum' },
        running: { kind: 'ecs_tasks', service, metricName: 'RunningTaskCount', statistic: 'Minimum' },
      },
    },
    threshold: { thresholdCount: 1 },
    comparison: 'GreaterThanOrEqualToThreshold',
    // A task takes two minutes to drain and up to two to start; a deployment of the worker needs both.
    periodSeconds: ONE_MINUTE_SECONDS,
    evaluationPeriods: 15,
    datapointsToAlarm: 10,
    missingData: 'notBreaching',
    ...NO_REACTION,
  } as const;
}

/** By name, as the other alarms. */
export const CAPACITY_ALARMS = {
  api_tasks_below_desired: {
    meaning: 'For ten of the last fifteen minutes fewer API tasks have run than are wanted.',
    systemResponse: 'ECS goes on starting tasks, more and more slowly while they fail; the others serve.',
    ...belowDesired('api'),
  },
  worker_tasks_below_desired: {
    meaning: 'For ten of the last fifteen minutes no worker has run although one is wanted, so no job runs.',
    systemResponse:
      'ECS goes on starting it, more and more slowly while it fails; students get sandboxes meanwhile.',
    ...belowDesired('worker'),
  },
} as const satisfies Record<string, AlarmDefinition<ServiceMetric>>;
