import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Construct } from 'constructs';
import type { AccessLogBucket } from './access-log-bucket';

/** The longer of the two intervals that AWS offers: fewer lines for the same connections. */
const AGGREGATION_SECONDS = 600;

export interface RefusedConnectionsLogProps {
  name: string;
  vpc: Vpc;
  bucket: AccessLogBucket;
}

/**
 * Which connections the VPC's security groups refused: what a task was not let out to, and who tries every port. Accepted
 * ones are not logged: they are as many as requests, and those are in the load balancer's log.
 */
export class RefusedConnectionsLog extends Construct {
  constructor(scope: Construct, id: string, { name, vpc, bucket }: RefusedConnectionsLogProps) {
    super(scope, id);
    new FlowLog(this, 'Default', {
      vpcId: vpc.id,
      trafficType: 'REJECT',
      logDestinationType: 's3',
      logDestination: bucket.resource.arn,
      maxAggregationInterval: AGGREGATION_SECONDS,
      tags: { Name: `${name}-refused` },
      dependsOn: [bucket.policy],
    });
  }
}
