import { ALARM_NAMES, ALARMS, type AlarmDefinition, type Metric } from '../../alarms/definitions';
import { limitOf } from '../../stacks/constructs/alarms/metric-alarm';
import { valueOf, type Point } from './metric-math';

const DEFINITIONS = ALARM_NAMES.map((name): [string, AlarmDefinition] => [name, ALARMS[name]]);

function namesWhere(isSo: (definition: AlarmDefinition) => boolean): string[] {
  return DEFINITIONS.filter(([, definition]) => isSo(definition)).map(([name]) => name);
}

function metricsOf({ source }: AlarmDefinition): Metric[] {
  switch (source.kind) {
    case 'math':
      return Object.values(source.terms);
    case 'sum':
      return [...source.of];
    default:
      return [source];
  }
}

/** The shortest time in which the alarm can go off. */
const reactionSeconds = ({ datapointsToAlarm, periodSeconds }: AlarmDefinition): number =>
  datapointsToAlarm * periodSeconds;

describe('every alarm', () => {
  it.each(DEFINITIONS)(
    '%s is named in words that become a name in CloudWatch and a file',
    (name, definition) => {
      expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
      // What is done about one job that does not run is the same for all of them; and so for the tasks of a service.
      const page = name.replace(/^.*(?=_not_reporting$)/, 'jobs').replace(/^.*_(?=tasks_below_desired$)/, '');
      expect(definition.runbook).toBe(`docs/runbooks/${page.replaceAll('_', '-')}.md`);
    },
  );

  it.each(DEFINITIONS)(
    '%s says in one sentence each what it means and what happens by itself',
    (_name, definition) => {
      for (const sentence of [definition.meaning, definition.systemResponse]) {
        expect(sentence).toMatch(/^[A-Z][^.]{20,}\.$/);
      }
    },
  );

  it.each(DEFINITIONS)(
    '%s asks for no more data points than it looks at, within a day',
    (_name, definition) => {
      const { datapointsToAlarm, evaluationPeriods, periodSeconds } = definition;
      expect(datapointsToAlarm).toBeGreaterThanOrEqual(1);
      expect(datapointsToAlarm).toBeLessThanOrEqual(evaluationPeriods);
      // CloudWatch refuses more than a day.
      expect(evaluationPeriods * periodSeconds).toBeLessThanOrEqual(86_400);
    },
  );

  it.each(DEFINITIONS)(
    '%s has a threshold that can be crossed in both directions',
    (_name, { threshold }) => {
      const limit = limitOf(threshold);
      const value = typeof limit === 'number' ? limit : Number.NaN;
      // Nothing here is ever below zero or above a hundred percent. Variables have rules of their own.
      expect(value <= 0 || ('thresholdPercent' in threshold && value >= 100)).toBe(false);
    },
  );

  it.each(DEFINITIONS)(
    '%s adds nothing up that every task reports of the same thing',
    (_name, definition) => {
      const levels = metricsOf(definition).filter(
        (metric) =>
          metric.kind === 'target_group' ||
          metric.kind === 'ecs_service' ||
          metric.kind === 'ecs_tasks' ||
          (metric.kind === 'log' && /^(Pool|Overdue|DeletionBacklog)/.test(metric.metric)),
      );
      expect(levels.filter(({ statistic }) => statistic === 'Sum')).toEqual([]);
    },
  );
});

describe('the rollback', () => {
  it('is triggered by exactly the three alarms on the worker', () => {
    expect(namesWhere(({ triggersRollback }) => triggersRollback)).toEqual([
      'worker_cpu_high',
      'worker_memory_high',
      'worker_job_failures',
    ]);
  });

  it('is not triggered by a worker that has no data, because it is at 0 tasks', () => {
    const missing = DEFINITIONS.filter(([, { triggersRollback }]) => triggersRollback).map(
      ([, { missingData }]) => missingData,
    );
    expect(new Set(missing)).toEqual(new Set(['notBreaching']));
  });

  it('waits for job failures at three different times, so that one bad moment of all jobs is not enough', () => {
    const { evaluationPeriods, datapointsToAlarm, periodSeconds } = ALARMS.worker_job_failures;
    expect(datapointsToAlarm).toBe(3);
    // A sync that always fails does so every 600 to 660 s, three times in 22 minutes.
    expect(evaluationPeriods * periodSeconds).toBeGreaterThan(2 * 660 + periodSeconds);
  });
});

describe('a deployment of the API', () => {
  it('is stopped by what a new version breaks, and by nothing else', () => {
    expect(namesWhere(({ isDeploymentAlarm }) => isDeploymentAlarm)).toEqual([
      'api_5xx_rate_high',
      'unhealthy_targets',
    ]);
  });

  it('hears of it within five minutes, and is not stopped because there is no data yet', () => {
    for (const [, definition] of DEFINITIONS.filter(([, { isDeploymentAlarm }]) => isDeploymentAlarm)) {
      expect(reactionSeconds(definition)).toBeLessThanOrEqual(300);
      expect(definition.missingData).toBe('notBreaching');
    }
  });
});

describe('silence', () => {
  it('is an alarm where something reports all the time', () => {
    expect(namesWhere(({ missingData }) => missingData === 'breaching')).toEqual([
      'api_not_ready',
      'jobs_not_reporting',
    ]);
  });

  it('leaves the pool as full as it was', () => {
    expect(ALARMS.pool_nearly_empty.missingData).toBe('ignore');
  });
});

describe('CPU and memory', () => {
  it.each(['worker_cpu_high', 'worker_memory_high', 'api_cpu_high', 'api_memory_high'] as const)(
    '%s goes off over a percentage that can be set, on average, for two times five minutes',
    (name) => {
      const [service, resource] = name.split('_');
      expect(ALARMS[name]).toMatchObject({
        source: {
          kind: 'ecs_service',
          service,
          metricName: resource === 'cpu' ? 'CPUUtilization' : 'MemoryUtilization',
          statistic: 'Average',
        },
        comparison: 'GreaterThanThreshold',
        periodSeconds: 300,
        evaluationPeriods: 2,
        datapointsToAlarm: 2,
      });
      const variable = `${service}${resource === 'cpu' ? 'Cpu' : 'Memory'}ThresholdPercent`;
      expect(ALARMS[name].threshold).toEqual({ thresholdPercent: { variable } });
    },
  );
});

describe('the share of failed requests', () => {
  const { source, threshold } = ALARMS.api_5xx_rate_high;

  it.each([
    ['no request', {}, 0],
    ['one of two at night', { requests: 2, target5xx: 1 }, 0],
    ['four of four', { requests: 4, target5xx: 4 }, 0],
    ['five of five', { requests: 5, target5xx: 5 }, 100],
    ['five of a thousand', { requests: 1_000, target5xx: 5 }, 0.5],
    ['sixty of a thousand', { requests: 1_000, target5xx: 60 }, 6],
    ['half by the API, half by the load balancer', { requests: 90, target5xx: 5, elb5xx: 10 }, 15],
    ['all by a load balancer without targets, which counts no request', { elb5xx: 50 }, 100],
  ])('of %s is worked out', (_what, counts, percent) => {
    const nothing = { requests: undefined, target5xx: undefined, elb5xx: undefined };
    expect(valueOf(source.expression, { ...nothing, ...counts })).toBeCloseTo(percent);
  });

  it('alarms above one in twenty', () => {
    expect(threshold.thresholdPercent).toBe(5);
  });
});

describe('throttling', () => {
  it('is counted for reads and writes, of the table and of its indexes', () => {
    const seen = ALARMS.dynamodb_throttling.source.of.map(
      ({ kind, metricName, statistic }) => `${kind} ${metricName} ${statistic}`,
    );
    expect(seen.sort()).toEqual([
      'dynamodb_indexes ReadThrottleEvents Sum',
      'dynamodb_indexes WriteThrottleEvents Sum',
      'dynamodb_table ReadThrottleEvents Sum',
      'dynamodb_table WriteThrottleEvents Sum',
    ]);
  });
});

describe('an alarm with a formula', () => {
  const formulas = DEFINITIONS.flatMap(([name, definition]): [string, string, AlarmDefinition][] =>
    definition.source.kind === 'math' ? [[name, definition.source.expression, definition]] : [],
  );

  it.each(formulas)(
    '%s is below its threshold when no series has ever had a data point',
    (_name, expression, alarm) => {
      const nothing = Object.fromEntries(termsOf(alarm).map((term) => [term, undefined]));
      expect(valueOf(expression, nothing)).toBe(0);
    },
  );

  it.each(formulas)('%s has a value whichever of its series have none', (_name, expression, alarm) => {
    const terms = termsOf(alarm);
    for (let which = 0; which < 2 ** terms.length; which += 1) {
      const points = terms.map((term, index): [string, Point] => [
        term,
        which & (1 << index) ? 7 : undefined,
      ]);
      expect(valueOf(expression, Object.fromEntries(points))).toEqual(expect.any(Number));
    }
  });

  it.each(formulas)('%s does not rest on FILL', (_name, expression) => {
    expect(expression).not.toContain('FILL');
  });

  it('is the only kind that watches AWS/DynamoDB, which ignores missing data whatever an alarm says', () => {
    const alone = namesWhere(({ source }) => source.kind.startsWith('dynamodb'));
    expect(alone).toEqual([]);
  });

  function termsOf({ source }: AlarmDefinition): string[] {
    return source.kind === 'math' ? Object.keys(source.terms) : [];
  }
});

describe('students who are turned away', () => {
  it.each(['pool_empty', 'allocation_contended', 'allocation_rate_high', 'firewall_blocks'] as const)(
    'are heard of by %s in the first period: a class is over in one',
    (name) => {
      expect(ALARMS[name]).toMatchObject({ evaluationPeriods: 1, datapointsToAlarm: 1 });
    },
  );

  it('are one, when the pool has nothing for the prefix asked for', () => {
    expect(ALARMS.pool_empty).toMatchObject({
      source: { metric: 'AllocationsPoolEmpty' },
      threshold: { thresholdCount: 1 },
    });
  });

  it('are not taken for a drained pool as long as they are the class that the defaults are made for', () => {
    expect(ALARMS.allocation_rate_high).toMatchObject({
      threshold: { thresholdCount: { variable: 'allocationRateThreshold' } },
      periodSeconds: 300,
    });
  });
});

describe('waiting for an answer', () => {
  const { source, threshold, datapointsToAlarm } = ALARMS.api_latency_high;
  const secondsOf = (requests: Point, slowest: Point): Point =>
    valueOf(source.expression, { requests, slowest });

  it('is counted by the slowest one in a hundred, in a single minute', () => {
    expect(source.terms.slowest).toMatchObject({ metricName: 'TargetResponseTime', statistic: 'p99' });
    expect([threshold, datapointsToAlarm]).toEqual([{ thresholdSeconds: 5 }, 1]);
    expect(secondsOf(600, 7.5)).toBe(7.5);
  });

  it('is no alarm when an admin waits for a sync at night', () => {
    expect(secondsOf(99, 45)).toBe(0);
  });
});

describe('tasks', () => {
  const missing = (
    name: 'api_tasks_below_desired' | 'worker_tasks_below_desired',
    desired: Point,
    running: Point,
  ): Point => valueOf(ALARMS[name].source.expression, { desired, running });

  it.each(['api_tasks_below_desired', 'worker_tasks_below_desired'] as const)(
    'that are wanted and do not run are counted by %s, and none that is not wanted',
    (name) => {
      expect(missing(name, 2, 1)).toBe(1);
      expect(missing(name, 0, 0)).toBe(0);
      // In a deployment more run than are wanted.
      expect(missing(name, 2, 4)).toBe(-2);
      expect(missing(name, undefined, undefined)).toBe(0);
    },
  );

  it('may be missing for as long as the worker needs to drain and to start in a deployment', () => {
    const { datapointsToAlarm, periodSeconds } = ALARMS.worker_tasks_below_desired;
    expect(datapointsToAlarm * periodSeconds).toBeGreaterThan(120 + 120 + 60);
  });
});

describe('the backlog of deletions', () => {
  it('is old after six hours, and as old as it was while no cleanup tells', () => {
    expect(ALARMS.deletion_backlog_old).toMatchObject({
      threshold: { thresholdSeconds: 6 * 3_600 },
      missingData: 'ignore',
    });
  });
});
