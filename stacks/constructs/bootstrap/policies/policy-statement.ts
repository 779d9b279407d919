import type { Environment } from '../../../environments';
import type { DeployedNames } from '../../../names';

/** One statement of a policy: actions on ARNs. */
export interface PolicyStatement {
  /** By default `Allow`. */
  effect?: 'Deny';
  actions: readonly string[];
  resources: readonly string[];
  /** As IAM writes it: operator, key, values. */
  condition?: Record<string, Record<string, string | readonly string[]>>;
}

/** What the policies are about: one environment in one account. */
export interface PolicyScope {
  environment: Environment;
  names: DeployedNames;
  /** 12 digits, or Terraform's reference to them. */
  accountId: string;
  stateBucketArn: string;
  /** The managed policy that limits every role of the stacks. */
  boundaryArn: string;
}

/** The statements as a policy document of IAM. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ effect = 'Allow', actions, resources, condition }) => ({
      Effect: effect,
      Action: actions,
      Resource: resources,
      Condition: condition,
    })),
  });
}

/** Makes ARNs of the scope's region and account. */
export function arnIn({ environment, accountId }: PolicyScope): (service: string, rest: string) => string {
  return (service, rest) => `arn:aws:${service}:${environment.awsRegion}:${accountId}:${rest}`;
}
