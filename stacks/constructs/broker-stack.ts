import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Aspects, LocalBackend, S3Backend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { DeploymentSettings, Environment } from '../environments';
import { synthFaults } from './synth-faults';
import { APPLICATION, deployedNames, type DeployedNames } from '../names';
import { lockProvider } from './provider-lock';
import { RolesHaveABoundary } from './roles-have-a-boundary';
import { SecretVariablesHaveNoRules } from './secret-variables-have-no-rules';

/** The first Terraform with S3 lock files; an older one would ignore them, and two deploys could run at once. */
const MINIMUM_TERRAFORM_VERSION = '1.10.0';

/**
 * What every stack of the broker starts from: a name of its own for each environment and component, the AWS
 * provider with tags that say whose a resource is, and a place for the state.
 */
export abstract class BrokerStack extends TerraformStack {
  protected readonly environment: Environment;
  protected readonly names: DeployedNames;

  protected constructor(
    scope: Construct,
    component: string,
    settings: DeploymentSettings,
    // Off only for the stack that makes the boundary, and the roles that must be able to give it to others.
    { rolesHaveBoundary = true } = {},
  ) {
    const { environment, stateBucket, accountId } = settings;
    const allowedAccountIds = accountId === undefined ? undefined : [accountId];
    super(scope, `${deployedNames(environment).prefix}-${component}`);
    this.environment = environment;
    this.names = deployedNames(environment);

    this.addOverride('terraform.required_version', `>= ${MINIMUM_TERRAFORM_VERSION}`);
    new AwsProvider(this, 'aws', {
      region: environment.awsRegion,
      allowedAccountIds,
      defaultTags: [
        { tags: { Application: APPLICATION, Environment: environment.name, ManagedBy: 'cdktf' } },
      ],
    });
    this.node.addValidation({ validate: () => synthFaults(this) });
    if (stateBucket === undefined) {
      this.keepStateInFile();
    } else {
      this.keepStateInBucket(stateBucket, stateKey(environment, component), allowedAccountIds);
    }
    lockProvider(this);
    Aspects.of(this).add(new SecretVariablesHaveNoRules());
    if (rolesHaveBoundary) Aspects.of(this).add(new RolesHaveABoundary());
  }

  private keepStateInFile(): void {
    // Terraform runs in cdktf.out/stacks/<stack>, so the file lies beside cdktf.out, which may be deleted freely.
    // CDKTF's own default is the same place as an absolute path, and then no two checkouts synthesize the same.
    new LocalBackend(this, { path: `../../../terraform.${this.node.id}.tfstate` });
  }

  private keepStateInBucket(bucket: string, key: string, allowedAccountIds: string[] | undefined): void {
    new S3Backend(this, { bucket, key, region: this.environment.awsRegion, encrypt: true });
    // CDKTF does not know these settings yet.
    this.addOverride('terraform.backend.s3.use_lockfile', true);
    // The state is opened before the provider is: without it a wrong account would get as far as the bucket.
    if (allowedAccountIds !== undefined) {
      this.addOverride('terraform.backend.s3.allowed_account_ids', allowedAccountIds);
    }
  }
}

/** Where the state of a stack lies in the bucket. */
export function stateKey(environment: Pick<Environment, 'name'>, component: string): string {
  return `${APPLICATION}/${environment.name}/${component}.tfstate`;
}
