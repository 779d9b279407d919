/** The kinds of values that our variables take. */
export type VariableValue = string | number | boolean;

/** Values by the variables' Terraform names. */
export type VariableValues = Readonly<Record<string, VariableValue | undefined>>;

/**
 * What a variable's value must satisfy. Every rule is checked twice: at synth, before anything is touched, and by
 * Terraform, for those who use `--var`. Both forms stand side by side in the functions below, and
 * test/e2e/deployment/variable-rules.test.ts holds them against each other.
 */
export interface Rule<Value extends VariableValue> {
  /** The Terraform expression of the rule; `self` is how it refers to the variable, such as `var.worker_cpu`. */
  condition(self: string): string;
  isMet(self: Value, values: VariableValues): boolean;
  /** Names of the other variables that the rule reads. It is not checked while one of them is at fault. */
  reads: readonly string[];
  /** What the value must be, as the rest of a sentence that begins with the variable. */
  message: string;
}

/**
 * A text that the pattern finds something in. JavaScript and Terraform (RE2) must read it alike: no look-around, no
 * back-references, and ASCII classes instead of `\s` and `\w`.
 */
export function matches(pattern: RegExp, message: string): Rule<string> {
  return {
    condition: (self) => canFind(pattern, self),
    isMet: (self) => pattern.test(self),
    reads: [],
    message,
  };
}

/** A text that the pattern finds nothing in. */
export function lacks(pattern: RegExp, message: string): Rule<string> {
  const opposite = matches(pattern, message);
  return {
    ...opposite,
    condition: (self) => `!${opposite.condition(self)}`,
    isMet: (self) => !pattern.test(self),
  };
}

/** Comma-separated parts, each found by `pattern` and not by `exception`; spaces around a part do not count. */
export function everyPartMatches(pattern: RegExp, exception: RegExp, message: string): Rule<string> {
  return {
    condition: (self) =>
      `alltrue([for part in split(",", ${self}) : ` +
      `${canFind(pattern, 'trimspace(part)')} && !${canFind(exception, 'trimspace(part)')}])`,
    isMet: (self) =>
      self
        .split(',')
        .map((part) => part.trim())
        .every((part) => pattern.test(part) && !exception.test(part)),
    reads: [],
    message,
  };
}

/** One of a few values. */
export function oneOf<Value extends string | number>(
  values: readonly Value[],
  message: string,
): Rule<Value extends string ? string : number> {
  return {
    condition: (self) => `contains(${JSON.stringify(values)}, ${self})`,
    isMet: (self) => (values as readonly (string | number)[]).includes(self),
    reads: [],
    message,
  };
}

/** A whole number from `min` to `max`, both included. */
export function wholeNumberBetween(min: number, max: number): Rule<number> {
  return {
    condition: (self) => `floor(${self}) == ${self} && ${self} >= ${min} && ${self} <= ${max}`,
    isMet: (self) => Number.isInteger(self) && self >= min && self <= max,
    reads: [],
    message: `must be a whole number from ${min} to ${max}`,
  };
}

/** What the rule asks for, or one value that stands for something else. */
export function exactlyOr(value: number, rule: Rule<number>, message: string): Rule<number> {
  return {
    ...rule,
    condition: (self) => `${self} == ${value} || (${rule.condition(self)})`,
    isMet: (self, values) => self === value || rule.isMet(self, values),
    message,
  };
}

/** A number not above another variable's. */
export function atMost(other: string): Rule<number> {
  return {
    condition: (self) => `${self} <= var.${other}`,
    isMet: (self, values) => self <= Number(values[other]),
    reads: [other],
    message: `must not be above ${other}`,
  };
}

/** A number not below another variable's. */
export function atLeast(other: string): Rule<number> {
  return {
    condition: (self) => `${self} >= var.${other}`,
    isMet: (self, values) => self >= Number(values[other]),
    reads: [other],
    message: `must not be below ${other}`,
  };
}

/** One of a few numbers, as long as another variable has a certain value. */
export function oneOfWhen(
  other: string,
  otherValue: number,
  values: readonly number[],
  message: string,
): Rule<number> {
  const always = oneOf(values, message);
  return {
    condition: (self) => `var.${other} != ${otherValue} || ${always.condition(self)}`,
    isMet: (self, values) => values[other] !== otherValue || always.isMet(self, values),
    reads: [other],
    message,
  };
}

function canFind(pattern: RegExp, text: string): string {
  return `can(regex(${terraformString(pattern.source)}, ${text}))`;
}

/** A quoted string as Terraform reads it: the escapes of JSON, and no template in it. */
export function terraformString(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');
}
