import { TerraformVariable, type IAspect } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * Refuses a variable that is secret and has rules: when a value breaks a rule, Terraform prints it, secret or not
 * (1.11.4: `var.token is "..."`). A secret belongs into Secrets Manager, and its rules into the process that reads it.
 */
export class SecretVariablesHaveNoRules implements IAspect {
  /** @throws Error that names the variable. */
  visit(node: IConstruct): void {
    if (!(node instanceof TerraformVariable) || node.sensitive !== true) return;
    if ((node.validation ?? []).length === 0) return;
    throw new Error(
      `The variable ${node.node.id} is secret, but has rules: Terraform would print the value that breaks one. Take the ` +
        'rules away, or put the value into Secrets Manager.',
    );
  }
}
