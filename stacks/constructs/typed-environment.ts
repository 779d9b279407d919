import type { z } from 'zod';

/** Never in a container's definition in plain text: everyone who may read task definitions could read them. */
type SecretVariable = 'BROKER_API_TOKEN' | 'BROKER_ADMIN_TOKEN' | 'CSP_API_TOKEN';

/** The app has defaults for them, but those of a development machine. */
type NeededInAws =
  'AWS_REGION' | 'DDB_TABLE_NAME' | 'DDB_GSI1_NAME' | 'DDB_GSI2_NAME' | 'DDB_GSI3_NAME' | 'NODE_ENV';

/** For local engines only. */
type Forbidden = 'DDB_ENDPOINT_URL';

/** The plain variables of a process with this schema: those that it requires, and any other that it knows. */
export type PlainVariables<Schema extends z.ZodObject> = Omit<
  z.input<Schema>,
  SecretVariable | NeededInAws | Forbidden
> &
  Required<Pick<z.input<Schema>, NeededInAws & keyof z.input<Schema>>>;

/** ARNs of the secrets of a process with this schema, by the variables that hold them: all, and no others. */
export type SecretArns<Schema extends z.ZodObject> = Record<SecretVariable & keyof z.input<Schema>, string>;

/** Refuses keys that are not allowed where TypeScript by itself does not, such as those that a spread brings. */
type NothingBut<Allowed, Given> = Record<Exclude<keyof Given, keyof Allowed>, never>;

/** As an ECS container definition takes them, sorted by name: the order must not make a new revision. */
export interface ContainerEnvironment {
  environment: { name: string; value: string }[];
  secrets: { name: string; valueFrom: string }[];
}

/**
 * The environment of a container whose process parses this schema. It does not compile when a variable is missing,
 * misspelt, given both ways, or when a secret is given as a plain value. Values may be Terraform's tokens.
 */
export function typedEnvironment<
  Schema extends z.ZodObject,
  Plain extends PlainVariables<Schema>,
  Secrets extends SecretArns<Schema>,
>(
  _schema: Schema,
  plain: Plain & NothingBut<PlainVariables<Schema>, Plain>,
  secrets: Secrets & NothingBut<SecretArns<Schema>, Secrets>,
): ContainerEnvironment {
  return {
    environment: sortedEntries(plain).map(([name, value]) => ({ name, value })),
    secrets: sortedEntries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
  };
}

/** Lambda sets it, and refuses a function that sets it too. */
type GivenByLambda = 'AWS_REGION';

/** The environment of a Lambda function whose code parses this schema. It knows no secrets. */
export type FunctionVariables<Schema extends z.ZodObject> = Omit<PlainVariables<Schema>, GivenByLambda>;

/** As {@link typedEnvironment}, for a function without secrets. */
export function typedFunctionEnvironment<Schema extends z.ZodObject, Plain extends FunctionVariables<Schema>>(
  _schema: Schema,
  plain: Plain & NothingBut<FunctionVariables<Schema>, Plain>,
): Record<string, string> {
  return Object.fromEntries(sortedEntries(plain));
}

/** Without those that are `undefined`: an optional variable may be given so. */
function sortedEntries(variables: Record<string, unknown>): [string, string][] {
  return Object.entries(variables)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
