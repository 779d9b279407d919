import type { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { IResolvable, ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { FargateTask } from './fargate-task';
import { runsWhatWasDeployed } from './runs-what-was-deployed';
import { SERVICE_TIMEOUTS } from './service-timeouts';

export interface WorkerServiceProps {
  serviceName: string;
  cluster: EcsCluster;
  task: FargateTask;
  /** From the parameter that the rollback sets. */
  desiredCount: number;
  subnets: readonly Subnet[];
  securityGroup: SecurityGroup;
  waitForSteadyState: boolean | IResolvable;
  /** What must exist before the first task starts: its rights. */
  dependsOn: ITerraformDependable[];
}

/**
 * The worker: one task, never two at a time. In a deployment the old one ends before the new one starts. Until then no
 * job runs, which only makes the next run later: up to 120 s for a portal call that is under way (`stopTimeout`), and the
 * start of a task. Nothing calls it, so it has no load balancer.
 */
export class WorkerService extends Construct {
  readonly resource: EcsService;

  constructor(scope: Construct, id: string, props: WorkerServiceProps) {
    super(scope, id);
    this.resource = new EcsService(this, 'Default', {
      name: props.serviceName,
      cluster: props.cluster.arn,
      taskDefinition: props.task.resource.arn,
      launchType: 'FARGATE',
      desiredCount: props.desiredCount,
      deploymentMinimumHealthyPercent: 0,
      deploymentMaximumPercent: 100,
      // Needs more than 100 %, as it starts a task before it stops one.
      availabilityZoneRebalancing: 'DISABLED',
      deploymentCircuitBreaker: { enable: true, rollback: true },
      networkConfiguration: {
        subnets: props.subnets.map((subnet) => subnet.id),
        securityGroups: [props.securityGroup.id],
        assignPublicIp: false,
      },
      waitForSteadyState: props.waitForSteadyState,
      timeouts: SERVICE_TIMEOUTS,
      enableEcsManagedTags: true,
      propagateTags: 'SERVICE',
      lifecycle: { postcondition: [runsWhatWasDeployed(props.task)] },
      dependsOn: props.dependsOn,
    });
  }
}
