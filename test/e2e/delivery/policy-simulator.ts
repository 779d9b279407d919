import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import {
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { RecordedCall } from '../ecs/recorded-calls';

interface PolicyDocument {
  Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
}

/** The policies of a role as they are in the account, and what IAM makes of them. */
export class DeployedRole {
  private constructor(
    readonly arn: string,
    private readonly policies: { name: string; policy: PolicyDocument }[],
  ) {}

  /** Reads them. @throws Error when the role has a managed policy: nobody here knows what is in it. */
  static async read(iam: IAMClient, arn: string): Promise<DeployedRole> {
    const RoleName = arn.split('/').pop() ?? arn;
    const policies: { name: string; policy: PolicyDocument }[] = [];
    for await (const page of paginateListRolePolicies({ client: iam }, { RoleName })) {
      for (const name of page.PolicyNames ?? []) {
        const { PolicyDocument: text } = await iam.send(
          new GetRolePolicyCommand({ RoleName, PolicyName: name }),
        );
        policies.push({ name, policy: JSON.parse(decodeURIComponent(text ?? '')) as PolicyDocument });
      }
    }
    for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
      if ((page.AttachedPolicies ?? []).length > 0) throw new Error(`${RoleName} has a managed policy`);
    }
    return new DeployedRole(arn, policies);
  }

  /** Whether IAM would let the role do this. @throws Error when the simulator cannot tell. */
  async mayDo(
    { action, resource }: Pick<RecordedCall, 'action' | 'resource'>,
    context: Simulation['request']['contextVariables'] = {},
  ): Promise<boolean> {
    const [, , , , accountId = ''] = this.arn.split(':');
    const result = await runSimulation(
      {
        request: {
          principal: this.arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/') + '/session',
          action,
          resource: { resource, accountId },
          contextVariables: context,
        },
        identityPolicies: this.policies,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: undefined,
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result)}`);
    return result.overallResult === 'Allowed';
  }

  /** Every action that some policy names. */
  grantedActions(): string[] {
    const actions = this.policies.flatMap(({ policy }) => policy.Statement.flatMap(({ Action }) => Action));
    return [...new Set(actions)].sort();
  }
}
