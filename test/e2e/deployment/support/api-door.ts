import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { only, present, serviceOf, type DeployedBroker } from './deployed-broker';

/** Where requests to the API go in. */
export interface ApiDoor {
  /** Of the target group. */
  port: number;
  /** ARN of the group that the service's tasks are put into, and of the one that port 80 forwards to. */
  targetGroup: string;
  forwardedTo: string | undefined;
  /** Id of the group that the service's tasks are in. */
  securityGroup: string;
}

/** The door as the account has it now. */
export async function apiDoor(broker: DeployedBroker): Promise<ApiDoor> {
  const { loadBalancing } = broker.clients;
  const service = await serviceOf(broker, 'apiService');
  const { targetGroupArn: targetGroup } = only(service.loadBalancers);
  const { TargetGroups } = await loadBalancing.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [present(targetGroup)] }),
  );
  const { LoadBalancers } = await loadBalancing.send(
    new DescribeLoadBalancersCommand({ Names: [broker.names.prefix] }),
  );
  const { Listeners } = await loadBalancing.send(
    new DescribeListenersCommand({ LoadBalancerArn: only(LoadBalancers).LoadBalancerArn }),
  );
  const plain = only(Listeners?.filter(({ Port }) => Port === 80));
  return {
    port: present(only(TargetGroups).Port),
    targetGroup: present(targetGroup),
    forwardedTo: only(plain.DefaultActions).TargetGroupArn,
    securityGroup: only(service.networkConfiguration?.awsvpcConfiguration?.securityGroups),
  };
}
