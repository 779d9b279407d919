import { Op, TerraformSelf, type Postcondition } from 'cdktf';
import type { FargateTask } from './fargate-task';

/**
 * Makes a deploy fail when ECS has gone back to the version before. To the provider that is a steady service and so a
 * success (hashicorp/terraform-provider-aws#20858); nobody would know that the new version does not run.
 */
export function runsWhatWasDeployed(task: FargateTask): Postcondition {
  return {
    condition: Op.eq(TerraformSelf.getString('task_definition'), task.resource.arn),
    errorMessage:
      'ECS went back to the version before, because the new tasks failed: see the events of the service, and its log.',
  };
}
