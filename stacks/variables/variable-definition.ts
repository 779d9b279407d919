import type { Rule } from './rule';

/** A Terraform variable of a type. Types are Terraform's. */
export interface Variable<
  Type extends 'string' | 'number' | 'bool',
  Value extends string | number | boolean,
> {
  /** Its name in Terraform; `TF_VAR_<name>` sets it. */
  name: string;
  type: Type;
  description: string;
  /** Absent: it has to be given. */
  default?: Value;
  /**
   * Whether synth refuses to go on without it. `false` only for what is not known yet when the network and the
   * table are deployed for the first time.
   */
  isNeededAtSynth: boolean;
  rules: readonly Rule<Value>[];
}

/** One of the variables. */
export type VariableDefinition =
  Variable<'string', string> | Variable<'number', number> | Variable<'bool', boolean>;

type WithoutType<Definition> = Omit<Definition, 'type' | 'isNeededAtSynth'> & { isNeededAtSynth?: boolean };

/** A text; synth needs it unless the definition says otherwise. */
export function textVariable(
  definition: WithoutType<Variable<'string', string>>,
): Variable<'string', string> {
  return { isNeededAtSynth: true, ...definition, type: 'string' };
}

/** A number; synth needs it unless the definition says otherwise. */
export function numberVariable(
  definition: WithoutType<Variable<'number', number>>,
): Variable<'number', number> {
  return { isNeededAtSynth: true, ...definition, type: 'number' };
}
