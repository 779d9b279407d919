import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';

/** A policy document of IAM, as far as the tests look into it themselves. */
export interface PolicyDocument {
  Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
}

/** A policy and the name under which the simulator speaks of it. */
export interface NamedPolicy {
  name: string;
  policy: PolicyDocument;
}

/** What somebody wants to do, in the terms of IAM. */
export interface Request {
  /** e.g. `dynamodb:PutItem`. */
  action: string;
  /** The ARN that a policy must allow; `*` where the action knows none. */
  resource: string;
  /** Condition keys with their values, such as `iam:PermissionsBoundary`. */
  context?: Simulation['request']['contextVariables'];
}

/** What a role may do by its policies and its permissions boundary, as IAM would decide. */
export class RolePolicies {
  constructor(
    readonly arn: string,
    private readonly policies: readonly NamedPolicy[],
    /** What its own policies cannot go beyond. */
    private readonly boundary?: NamedPolicy,
  ) {}

  /** Whether IAM would let the role do this. @throws Error when the simulator cannot tell. */
  async mayDo(
    { action, resource }: Request,
    context: Simulation['request']['contextVariables'] = {},
  ): Promise<boolean> {
    const [, , , , accountId = ''] = this.arn.split(':');
    const result = await runSimulation(
      {
        request: {
          principal:
            this.arn
              .replace(':iam:', ':sts:')
              .replace(/:role\/.*\//, ':role/')
              .replace(':role/', ':assumed-role/') + '/session',
          action,
          resource: { resource, accountId },
          contextVariables: context,
        },
        identityPolicies: [...this.policies],
        permissionBoundaryPolicies: this.boundary && [this.boundary],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: action.startsWith('kms:') ? keyPolicy(accountId) : undefined,
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result)}`);
    return result.overallResult === 'Allowed';
  }

  /** Those of the requests that IAM would refuse, as `action on resource`. */
  async refused(requests: readonly Request[]): Promise<string[]> {
    return this.#named(requests, false);
  }

  /** Those of the requests that IAM would allow, in the same form. */
  async allowed(requests: readonly Request[]): Promise<string[]> {
    return this.#named(requests, true);
  }

  /** Every action that some policy allows. */
  grantedActions(): string[] {
    const actions = this.policies.flatMap(({ policy }) =>
      policy.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action),
    );
    return [...new Set(actions)].sort();
  }

  async #named(requests: readonly Request[], isAllowed: boolean): Promise<string[]> {
    const names: string[] = [];
    for (const request of requests) {
      const isSo = (await this.mayDo(request, request.context)) === isAllowed;
      if (isSo) names.push(`${request.action} on ${request.resource}`);
    }
    return [...new Set(names)].sort();
  }
}

/**
 * KMS asks the key's policy as well. That of a key which AWS manages for the account leaves it to the account who may look
 * at it. Source: AWS KMS developer guide, "AWS managed keys".
 */
function keyPolicy(accountId: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  };
}
