import { AppautoscalingPolicy } from '@cdktf/provider-aws/lib/appautoscaling-policy';
import { AppautoscalingTarget } from '@cdktf/provider-aws/lib/appautoscaling-target';
import type { EcsCluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import type { EcsService } from '@cdktf/provider-aws/lib/ecs-service';
import { Construct } from 'constructs';

/** Below the alarms' 80 %: more tasks come first, and only when they do not help, a person. */
const CPU_TARGET_PERCENT = 60;
const MEMORY_TARGET_PERCENT = 70;

/** Out fast, as a class starts in a second; in slowly, as the next class may start in the next minute. */
const SCALE_OUT_COOLDOWN_SECONDS = 60;
const SCALE_IN_COOLDOWN_SECONDS = 300;

export interface ApiAutoscalingProps {
  cluster: EcsCluster;
  service: EcsService;
  minTasks: number;
  maxTasks: number;
}

/** Keeps as many API tasks as their average CPU and memory ask for, within the limits. */
export class ApiAutoscaling extends Construct {
  constructor(scope: Construct, id: string, props: ApiAutoscalingProps) {
    super(scope, id);
    const { cluster, service } = props;
    const target = new AppautoscalingTarget(this, 'Default', {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: `service/${cluster.name}/${service.name}`,
      minCapacity: props.minTasks,
      maxCapacity: props.maxTasks,
    });
    const policies = [
      { id: 'cpu', metric: 'ECSServiceAverageCPUUtilization', targetPercent: CPU_TARGET_PERCENT },
      { id: 'memory', metric: 'ECSServiceAverageMemoryUtilization', targetPercent: MEMORY_TARGET_PERCENT },
    ];
    for (const { id: policyId, metric, targetPercent } of policies) {
      new AppautoscalingPolicy(this, policyId, {
        name: `${policyId}-${targetPercent}-percent`,
        policyType: 'TargetTrackingScaling',
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        targetTrackingScalingPolicyConfiguration: {
          predefinedMetricSpecification: { predefinedMetricType: metric },
          targetValue: targetPercent,
          scaleOutCooldown: SCALE_OUT_COOLDOWN_SECONDS,
          scaleInCooldown: SCALE_IN_COOLDOWN_SECONDS,
        },
      });
    }
  }
}
