import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { IamPolicy } from '@cdktf/provider-aws/lib/iam-policy';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { GithubIdentityProvider } from './constructs/bootstrap/github-identity-provider';
import { MonthlyBudget } from './constructs/bootstrap/monthly-budget';
import { PipelineRole } from './constructs/bootstrap/pipeline-role';
import { boundaryStatements } from './constructs/bootstrap/policies/boundary-statements';
import { deployPolicies } from './constructs/bootstrap/policies/deploy-statements';
import { imageStatements } from './constructs/bootstrap/policies/image-statements';
import { planPolicies } from './constructs/bootstrap/policies/plan-statements';
import { policyDocument, type PolicyScope } from './constructs/bootstrap/policies/policy-statement';
import { StateBucket } from './constructs/bootstrap/state-bucket';
import { BrokerStack } from './constructs/broker-stack';
import type { DeploymentSettings } from './environments';
import { BOOTSTRAP_PATH } from './names';
import { declareBootstrapVariables } from './variables/declare-service-variables';

/**
 * What an environment's account needs before its first deployment, applied once by a person: the bucket of the states,
 * GitHub's identities, the roles of the pipelines, the boundary of all other roles, and a budget. It is synthesized alone
 * (SANDBOX_BROKER_STACKS=bootstrap), so that no pipeline can change its own limits; its state is out of their reach, too.
 */
export class BootstrapStack extends BrokerStack {
  constructor(scope: Construct, settings: DeploymentSettings) {
    super(scope, 'bootstrap', settings, { rolesHaveBoundary: false });
    const { environment, names } = this;
    const { githubRepository, githubOidcProviderArn, alarmEmail, monthlyBudgetUsd } =
      declareBootstrapVariables(this, environment);
    const { accountId } = new DataAwsCallerIdentity(this, 'account');

    const stateBucket = new StateBucket(this, 'state-bucket', {
      // Names of buckets are taken for the whole world; nobody else has our account's number.
      name: `${names.prefix}-state-${accountId}`,
    }).resource;
    const boundaryName = `${names.prefix}-boundary`;
    const policyScope: PolicyScope = {
      environment,
      names,
      accountId,
      stateBucketArn: stateBucket.arn,
      // Put together, as the boundary is: the deploy role's policy names it.
      boundaryArn: `arn:aws:iam::${accountId}:policy${BOOTSTRAP_PATH}${boundaryName}`,
    };
    const boundary = new IamPolicy(this, 'boundary', {
      name: boundaryName,
      path: BOOTSTRAP_PATH,
      description: 'The most that a role of the stacks may do, whatever its policies say.',
      policy: policyDocument(boundaryStatements(policyScope)),
    });

    const identityProvider = new GithubIdentityProvider(this, 'github', {
      existingArn: githubOidcProviderArn,
    });
    const repository = githubRepository.stringValue;
    const planRole = new PipelineRole(this, 'plan-role', {
      name: `${names.prefix}-plan`,
      description: 'Plans: reads what the stacks are made of, and none of what is in it.',
      identityProvider,
      repository,
      subjects: ['pull_request', 'ref:refs/heads/main'],
      policies: planPolicies(policyScope),
    }).resource;
    const deployRole = new PipelineRole(this, 'deploy-role', {
      name: `${names.prefix}-deploy`,
      description: 'Deploys the stacks; makes roles within the boundary only.',
      identityProvider,
      repository,
      subjects: [`environment:${environment.name}`],
      policies: deployPolicies(policyScope),
    }).resource;
    new MonthlyBudget(this, 'budget', {
      name: `${names.prefix}-monthly`,
      limitUsd: monthlyBudgetUsd.stringValue,
      email: alarmEmail.stringValue,
    });

    this.#output('state_bucket', 'For TF_STATE_BUCKET.', stateBucket.bucket);
    this.#output('permissions_boundary_arn', 'For TF_VAR_permissions_boundary_arn.', boundary.arn);
    this.#output('plan_role_arn', 'The role with which GitHub plans.', planRole.arn);
    this.#output('deploy_role_arn', 'The role with which GitHub deploys.', deployRole.arn);
    // For the environment that is bootstrapped next in the same account.
    this.#output('oidc_provider_arn', 'For TF_VAR_github_oidc_provider_arn elsewhere.', identityProvider.arn);
    // Images are pushed to the repository of dev, and copied from there.
    if (!environment.isProduction) {
      const imageRole = new PipelineRole(this, 'image-role', {
        name: `${names.prefix}-image`,
        description: 'Pushes images.',
        identityProvider,
        repository,
        subjects: ['ref:refs/heads/main'],
        policies: { 'push-images': imageStatements(policyScope) },
      }).resource;
      this.#output('image_role_arn', 'The role with which GitHub pushes images.', imageRole.arn);
    }
  }

  #output(name: string, description: string, value: string): void {
    new TerraformOutput(this, name, { description, value });
  }
}
