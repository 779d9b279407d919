import { ALARM_NAMES, ALARMS, type AlarmDefinition, type Metric } from '../../alarms/definitions';

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
      // What is done about one job that does not run is the same for all of them.
      const page = name.endsWith('_not_reporting') ? 'jobs_not_reporting' : name;
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
      const limit = 'thresholdPercent' in threshold ? threshold.thresholdPercent : threshold.thresholdCount;
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
          (metric.kind === 'log' && /^(Pool|Overdue)/.test(metric.metric)),
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

  /** CloudWatch's arithmetic for one minute; `undefined` is a metric without data. */
  function percentOf(counts: { requests?: number; target5xx?: number; elb5xx?: number }): number {
    const fill = (value: number | undefined, byDefault: number): number => value ?? byDefault;
    const choose = (isSo: boolean, then: number, otherwise: number): number => (isSo ? then : otherwise);
    const expression = source.expression.replaceAll('FILL(', 'fill(').replaceAll('IF(', 'choose(');
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the expression is ours
    const evaluate = new Function('fill', 'choose', ...Object.keys(source.terms), `return ${expression}`) as (
      ...values: unknown[]
    ) => number;
    const terms = Object.keys(source.terms) as (keyof typeof counts)[];
    return evaluate(fill, choose, ...terms.map((term) => counts[term]));
  }

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
    expect(percentOf(counts)).toBeCloseTo(percent);
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
