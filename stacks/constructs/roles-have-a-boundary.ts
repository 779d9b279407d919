import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { TerraformStack, TerraformVariable, type IAspect } from 'cdktf';
import type { IConstruct } from 'constructs';

/** The variable that each stack with a role must declare (stacks/variables/service-variables.ts). */
const BOUNDARY_VARIABLE = 'permissions_boundary_arn';

/**
 * Gives every role of a stack the permissions boundary that the variable names, and none if it is empty. As an aspect, so
 * that a role which somebody adds later has it without anybody thinking of it.
 */
export class RolesHaveABoundary implements IAspect {
  /** @throws Error when the stack has a role, but not the variable. */
  visit(node: IConstruct): void {
    if (!(node instanceof IamRole)) return;
    const stack = TerraformStack.of(node);
    const variable = stack.node.tryFindChild(BOUNDARY_VARIABLE);
    if (!(variable instanceof TerraformVariable)) {
      throw new Error(
        `${stack.node.id} has the role ${node.node.path}, but no variable ${BOUNDARY_VARIABLE}: declare the service ` +
          'variables in it (declareServiceVariables, or guardWithServiceVariables).',
      );
    }
    node.permissionsBoundary = `\${${variable.fqn} == "" ? null : ${variable.fqn}}`;
  }
}
