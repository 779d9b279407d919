import { TerraformVariable, type TerraformStack } from 'cdktf';
import type { Environment } from '../environments';
import type { Rule, VariableValue } from './rule';
import {
  serviceVariableDefinitions,
  type ServiceVariableName,
  type VariableDefinition,
} from './service-variables';

/** The variables of the service stack, as its constructs take them. */
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

/**
 * Has Terraform check the service's variables in a stack that does not use them, before it changes anything there.
 * What need not be known yet may be missing.
 */
export function guardWithServiceVariables(stack: TerraformStack, environment: Environment): void {
  for (const definition of Object.values(serviceVariableDefinitions(environment))) {
    if (definition.isNeededAtSynth) {
      declare(stack, definition);
    } else {
      // An override, because the default `null`, which says so, is lost on TerraformVariable itself.
      declare(stack, definition, { mayBeMissing: true }).addOverride('default', null);
    }
  }
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
