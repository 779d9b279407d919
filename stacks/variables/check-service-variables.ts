import { bootstrapVariableDefinitions } from './bootstrap-variables';
import { DeploymentSettingError, type Environment } from '../environments';
import type { Rule, VariableValue, VariableValues } from './rule';
import { serviceVariableDefinitions } from './service-variables';
import type { VariableDefinition } from './variable-definition';

/** A variable with a value that it may not have, or without the one that it needs. */
export interface VariableFault {
  /** The variable's name in Terraform. */
  name: string;
  /** A sentence for the person who deploys. */
  message: string;
}

/**
 * Checks what `TF_VAR_*` and the defaults make of the service's variables, before `cdktf deploy '*'` touches the
 * first stack. Terraform checks the same rules again when its turn comes.
 *
 * @param areAllNeeded whether the service stack is about to be planned, which goes without none that has no default.
 * @throws DeploymentSettingError that names every fault at once.
 */
export function checkServiceVariables(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  areAllNeeded = false,
): void {
  refuse(environment, serviceVariableFaults(environment, variables, areAllNeeded));
}

/** The same for the variables of the bootstrap stack. @throws DeploymentSettingError that names every fault at once. */
export function checkBootstrapVariables(environment: Environment, variables: NodeJS.ProcessEnv): void {
  refuse(environment, variableFaults(bootstrapVariableDefinitions(environment), variables));
}

function refuse(environment: Environment, faults: readonly VariableFault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map(({ message }) => `  ${message}`);
  throw new DeploymentSettingError(
    `The variables of ${environment.name} are not valid; nothing was changed:\n${lines.join('\n')}`,
  );
}

/**
 * What is wrong with the service's variables. One that is set but empty counts as given: that is a pipeline that lost
 * its value, and a default in its place might be far from what was meant.
 */
export function serviceVariableFaults(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  areAllNeeded = false,
): VariableFault[] {
  return variableFaults(serviceVariableDefinitions(environment), variables, areAllNeeded);
}

function variableFaults(
  definitions: Readonly<Record<string, VariableDefinition>>,
  variables: NodeJS.ProcessEnv,
  areAllNeeded = false,
): VariableFault[] {
  const faults: VariableFault[] = [];
  // Only those that are fine: another is no measure for the rules that read it.
  const values: Record<string, VariableValue> = {};
  for (const definition of Object.values(definitions)) {
    const { name } = definition;
    const given = variables[`TF_VAR_${name}`];
    const value = given === undefined ? definition.default : parseValue(definition.type, given);
    const isNeeded = areAllNeeded || definition.isNeededAtSynth;
    const fault = faultOf(definition, value, { isGiven: given !== undefined, isNeeded }, values);
    if (fault !== undefined) {
      faults.push({ name, message: `TF_VAR_${name} is ${shown(given, definition)}, but ${fault}.` });
    } else if (value !== undefined) {
      values[name] = value;
    }
  }
  return faults;
}

function faultOf(
  definition: VariableDefinition,
  value: VariableValue | undefined,
  { isGiven, isNeeded }: { isGiven: boolean; isNeeded: boolean },
  values: VariableValues,
): string | undefined {
  const rules: readonly Rule<VariableValue>[] = definition.rules;
  if (value === undefined) {
    if (isGiven) return `must be ${WORDS_OF_TYPE[definition.type]}`;
    return isNeeded ? rules[0]?.message : undefined;
  }
  return rules
    .filter(({ reads }) => reads.every((name) => values[name] !== undefined))
    .find((rule) => !rule.isMet(value, values))?.message;
}

const WORDS_OF_TYPE = {
  string: 'a text',
  number: 'a whole number, in digits',
  bool: 'true or false',
} as const satisfies Record<VariableDefinition['type'], string>;

/** As Terraform reads it, but no number with a fraction or an exponent: none of ours needs one. */
function parseValue(type: VariableDefinition['type'], given: string): VariableValue | undefined {
  switch (type) {
    case 'string':
      return given;
    case 'number':
      return /^-?[0-9]+$/.test(given) ? Number(given) : undefined;
    case 'bool':
      return given === 'true' || given === 'false' ? given === 'true' : undefined;
  }
}

function shown(given: string | undefined, definition: VariableDefinition): string {
  // A URL may hold a password, which is what is wrong with it; a log keeps what is printed here.
  if (given !== undefined) return JSON.stringify(given.replace(/\/\/.*@/s, '//***@'));
  return definition.default === undefined ? 'not set' : `${JSON.stringify(definition.default)} by default`;
}
