import { TerraformVariable, type TerraformStack } from 'cdktf';
import type { Environment } from '../environments';
import { bootstrapVariableDefinitions, type BootstrapVariableName } from './bootstrap-variables';
import type { Rule, VariableValue } from './rule';
import { serviceVariableDefinitions, type ServiceVariableName } from './service-variables';
import type { VariableDefinition } from './variable-definition';

/** The variables of the service and rollback stacks, as constructs take them. */
export type ServiceVariables = Readonly<Record<ServiceVariableName, TerraformVariable>>;

/** Declares every variable in the stack, with its type, description, default and rules. */
export function declareServiceVariables(stack: TerraformStack, environment: Environment): ServiceVariables {
  return Object.fromEntries(
    Object.entries(serviceVariableDefinitions(environment)).map(([name, definition]) => [
      name,
      declare(stack, definition),
    ]),
  ) as Record<ServiceVariableName, TerraformVariable>;
}

/** Declares the variables of the bootstrap stack. */
export function declareBootstrapVariables(
  stack: TerraformStack,
  environment: Environment,
): Readonly<Record<BootstrapVariableName, TerraformVariable>> {
  return Object.fromEntries(
    Object.entries(bootstrapVariableDefinitions(environment)).map(([name, definition]) => [
      name,
      declare(stack, definition),
    ]),
  ) as Record<BootstrapVariableName, TerraformVariable>;
}

/**
 * Has Terraform check all variables in a stack that does not use them, or only some, before it changes anything there.
 * What need not be known yet may be missing, unless `areAllNeeded`: then Terraform refuses to go on without it here, and
 * not only in the stack that uses it.
 *
 * @returns those that always have a value.
 */
export function guardWithServiceVariables(
  stack: TerraformStack,
  environment: Environment,
  areAllNeeded = false,
): Omit<ServiceVariables, 'containerImage' | 'cspBaseUrl'> {
  const variables = Object.entries(serviceVariableDefinitions(environment)).map(([name, definition]) => {
    if (areAllNeeded || definition.isNeededAtSynth) return [name, declare(stack, definition)] as const;
    const variable = declare(stack, definition, { mayBeMissing: true });
    // An override, because the default `null`, which says so, is lost on TerraformVariable itself.
    variable.addOverride('default', null);
    return [name, variable] as const;
  });
  return Object.fromEntries(variables) as ServiceVariables;
}

function declare(
  stack: TerraformStack,
  { name, rules: ownRules, ...definition }: VariableDefinition,
  { mayBeMissing = false } = {},
): TerraformVariable {
  const rules: readonly Rule<VariableValue>[] = ownRules;
  const self = `var.${name}`;
  return new TerraformVariable(stack, name, {
    type: definition.type,
    description: definition.description,
    default: definition.default,
    nullable: mayBeMissing,
    validation: rules.map((rule) => ({
      condition: `\${${mayBeMissing ? `${self} == null || ` : ''}${rule.condition(self)}}`,
      errorMessage: `${name} ${rule.message}.`,
    })),
  });
}
