import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import { Construct } from 'constructs';
import { BOOTSTRAP_PATH } from '../../names';
import { GITHUB_AUDIENCE, GITHUB_ISSUER, type GithubIdentityProvider } from './github-identity-provider';
import { policyDocument, type PolicyStatement } from './policies/policy-statement';

export interface PipelineRoleProps {
  name: string;
  description: string;
  identityProvider: GithubIdentityProvider;
  /** `owner/name` of the repository whose workflows take on the role. */
  repository: string;
  /** The rest of the subject of a workflow's token, such as `pull_request` or `environment:prod`. */
  subjects: readonly string[];
  /** What the role may do: each a managed policy, since a role's own have 10,240 characters together. */
  policies: Readonly<Record<string, readonly PolicyStatement[]>>;
}

/**
 * A role that workflows of one repository take on, and nobody else. It has a path of its own, so that no pattern of
 * names with which the deploy role works on roles can mean it.
 */
export class PipelineRole extends Construct {
  readonly resource: IamRole;

  constructor(scope: Construct, id: string, props: PipelineRoleProps) {
    super(scope, id);
    this.resource = new IamRole(this, 'Default', {
      name: props.name,
      path: BOOTSTRAP_PATH,
      description: props.description,
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: props.identityProvider.arn },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: {
                [`${GITHUB_ISSUER}:aud`]: GITHUB_AUDIENCE,
                [`${GITHUB_ISSUER}:sub`]: props.subjects.map(
                  (subject) => `repo:${props.repository}:${subject}`,
                ),
              },
            },
          },
        ],
      }),
    });
    for (const [name, statements] of Object.entries(props.policies)) {
      const policy = new IamPolicy(this, name, {
        name: `${props.name}-${name}`,
        path: BOOTSTRAP_PATH,
        policy: policyDocument(statements),
      });
      new IamRolePolicyAttachment(this, `${name}-attachment`, {
        role: this.resource.name,
        policyArn: policy.arn,
      });
    }
  }
}
