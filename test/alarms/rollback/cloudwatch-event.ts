/**
 * A change of an alarm's state in the shape that the CloudWatch user guide shows under "Alarm events and EventBridge",
 * with every field of the sample.
 */
export function cloudWatchEvent(
  overrides: { alarmName?: string; value?: string; timestamp?: string; time?: string } = {},
): Record<string, unknown> {
  const {
    alarmName = 'sandbox-broker-dev-worker-cpu-high',
    value = 'ALARM',
    timestamp = '2026-05-01T12:00:00.985+0000',
    time = '2026-05-01T12:00:00Z',
  } = overrides;
  return {
    version: '0',
    id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    time,
    region: 'us-east-1',
    resources: [`arn:aws:cloudwatch:us-east-1:123456789012:alarm:${alarmName}`],
    detail: {
      alarmName,
      configuration: {
        description: "The worker's CPU use is too high",
        metrics: [
          {
            id: '30b6c6b2-a864-43a2-4877-c09a1afc3b87',
            metricStat: {
              metric: {
                dimensions: { ClusterName: 'sandbox-broker-dev', ServiceName: 'sandbox-broker-dev-worker' },
                name: 'CPUUtilization',
                namespace: 'AWS/ECS',
              },
              period: 300,
              stat: 'Average',
            },
            returnData: true,
          },
        ],
      },
      previousState: {
        reason:
          'Threshold Crossed: 1 datapoint [12.0 (01/05/26 11:50:00)] was not greater than the threshold (80.0).',
        reasonData: '{"version":"1.0","period":300,"recentDatapoints":[12.0],"threshold":80.0}',
        timestamp: '2026-05-01T11:50:00.987+0000',
        value: 'OK',
      },
      state: {
        reason:
          'Threshold Crossed: 2 out of the last 2 datapoints [99.5, 97.1] were greater than the threshold (80.0).',
        reasonData: '{"version":"1.0","period":300,"recentDatapoints":[99.5,97.1],"threshold":80.0}',
        timestamp,
        value,
      },
    },
  };
}
