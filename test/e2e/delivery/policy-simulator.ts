import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { RolePolicies, type NamedPolicy, type PolicyDocument } from '../../stacks/role-policies';

/** The policies of a role and its boundary as they are in the account, and what IAM makes of them. */
export class DeployedRole extends RolePolicies {
  /** Reads them. @throws Error when the role has a managed policy of AWS: nobody here knows what is in it. */
  static async read(iam: IAMClient, arn: string): Promise<DeployedRole> {
    const RoleName = arn.split('/').pop() ?? arn;
    const policies: NamedPolicy[] = [];
    for await (const page of paginateListRolePolicies({ client: iam }, { RoleName })) {
      for (const name of page.PolicyNames ?? []) {
        const { PolicyDocument: text } = await iam.send(
          new GetRolePolicyCommand({ RoleName, PolicyName: name }),
        );
        policies.push({ name, policy: parse(text) });
      }
    }
    for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
      for (const { PolicyArn = '' } of page.AttachedPolicies ?? []) {
        if (PolicyArn.includes(':aws:policy/')) throw new Error(`${RoleName} has ${PolicyArn}`);
        policies.push(await readManagedPolicy(iam, PolicyArn));
      }
    }
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    const boundaryArn = Role?.PermissionsBoundary?.PermissionsBoundaryArn;
    return new DeployedRole(
      arn,
      policies,
      boundaryArn === undefined ? undefined : await readManagedPolicy(iam, boundaryArn),
    );
  }
}

async function readManagedPolicy(iam: IAMClient, PolicyArn: string): Promise<NamedPolicy> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
  );
  return { name: PolicyArn, policy: parse(PolicyVersion?.Document) };
}

/** IAM answers with a document that is encoded as a part of a URL. */
function parse(text: string | undefined): PolicyDocument {
  return JSON.parse(decodeURIComponent(text ?? '')) as PolicyDocument;
}
