import type { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import type { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { IResolvable, ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { FargateTask } from './fargate-task';
import { runsWhatWasDeployed } from './runs-what-was-deployed';
import { SERVICE_TIMEOUTS } from './service-timeouts';

/** A task serves within seconds of its start; as long as its container check forgives it (see fargate-task.ts). */
const HEALTH_CHECK_GRACE_SECONDS = 60;

export interface ApiServiceProps {
  serviceName: string;
  cluster: EcsCluster;
  task: FargateTask;
  /** How many tasks the service begins with; from then on autoscaling decides. */
  initialDesiredCount: number;
  targetGroup: LbTargetGroup;
  subnets: readonly Subnet[];
  securityGroup: SecurityGroup;
  /** One of these in ALARM during a deployment ends it, and the version before comes back. */
  deploymentAlarmNames: readonly string[];
  waitForSteadyState: boolean | IResolvable;
  /** What must exist before the first task starts: its rights, and a listener, as ECS refuses an unused target group. */
  dependsOn: ITerraformDependable[];
}

/**
 * The API's tasks behind the load balancer. A deployment starts new tasks before it ends old ones, so that a class that
 * begins meanwhile finds all of them; when the new ones do not become healthy, or an alarm says that they serve badly,
 * ECS goes back by itself. How many tasks run is set here only once: a deploy must not undo what autoscaling did.
 */
export class ApiService extends Construct {
  readonly resource: EcsService;

  constructor(scope: Construct, id: string, props: ApiServiceProps) {
    super(scope, id);
    const { task } = props;
    this.resource = new EcsService(this, 'Default', {
      name: props.serviceName,
      cluster: props.cluster.arn,
      taskDefinition: task.resource.arn,
      launchType: 'FARGATE',
      desiredCount: props.initialDesiredCount,
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      // When a failed zone is back, tasks return to it, instead of all waiting for the other zone to fail.
      availabilityZoneRebalancing: 'ENABLED',
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarmNames: [...props.deploymentAlarmNames] },
      healthCheckGracePeriodSeconds: HEALTH_CHECK_GRACE_SECONDS,
      loadBalancer: [
        {
          targetGroupArn: props.targetGroup.arn,
          containerName: task.containerName,
          containerPort: task.port,
        },
      ],
      networkConfiguration: {
        subnets: props.subnets.map((subnet) => subnet.id),
        securityGroups: [props.securityGroup.id],
        assignPublicIp: false,
      },
      waitForSteadyState: props.waitForSteadyState,
      timeouts: SERVICE_TIMEOUTS,
      enableEcsManagedTags: true,
      propagateTags: 'SERVICE',
      lifecycle: {
        ignoreChanges: ['desired_count'],
        postcondition: [runsWhatWasDeployed(task)],
      },
      dependsOn: props.dependsOn,
    });
  }
}
