import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { TerraformLocal, type TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';

/** GitHub's issuer of identities for workflows, without its scheme, as IAM names it in conditions. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/** What a token for AWS names as its audience. Source: github.com/aws-actions/configure-aws-credentials, README. */
export const GITHUB_AUDIENCE = 'sts.amazonaws.com';

/**
 * Makes the account believe GitHub about who a workflow is. An account has one provider for an issuer: where another
 * environment, or another project, has made it, its ARN is given and none is made here.
 */
export class GithubIdentityProvider extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: { existingArn: TerraformVariable }) {
    super(scope, id);
    // No thumbprint: AWS checks GitHub's certificate against its own list of authorities.
    const made = new IamOpenidConnectProvider(this, 'Default', {
      url: `https://${GITHUB_ISSUER}`,
      clientIdList: [GITHUB_AUDIENCE],
    });
    const given = props.existingArn.fqn;
    made.addOverride('count', `\${${given} == "" ? 1 : 0}`);
    const address = `${made.terraformResourceType}.${made.friendlyUniqueId}`;
    // A local value, so that a policy document can name it: quotes in an expression would be escaped there.
    const arn = `\${${given} == "" ? one(${address}[*].arn) : ${given}}`;
    this.arn = new TerraformLocal(this, 'arn', arn).asString;
  }
}
