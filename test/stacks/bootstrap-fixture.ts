import { BootstrapStack } from '../../stacks/bootstrap-stack';
import { ENVIRONMENTS, type Environment } from '../../stacks/environments';
import { RolePolicies, type NamedPolicy, type PolicyDocument } from './role-policies';
import { resources, type SynthesizedStack, synthesizeStack } from './synthesized';

/** The account in which the fixtures' ARNs are. */
export const ACCOUNT_ID = '123456789012';

/** The bootstrap stack of an environment, as main.ts makes it. */
export function synthesizeBootstrapStack(environment: Environment = ENVIRONMENTS.dev): SynthesizedStack {
  return synthesizeStack(
    (app) => new BootstrapStack(app, { environment, stateBucket: undefined, stackSet: 'bootstrap' }),
  );
}

/** Every managed policy, by its name. */
export function managedPolicies(stack: SynthesizedStack): NamedPolicy[] {
  return Object.values(resources<{ name: string; policy: string }>(stack, 'aws_iam_policy')).map(
    ({ name, policy }) => ({ name, policy: parse(policy, stack) }),
  );
}

/** What a role of the pipelines may do. */
export function pipelineRole(stack: SynthesizedStack, name: 'plan' | 'deploy' | 'image'): RolePolicies {
  const { prefix } = namesIn(stack);
  const attached = Object.values(
    resources<{ role: string; policy_arn: string }>(stack, 'aws_iam_role_policy_attachment'),
  )
    .filter(({ role }) => role === `\${aws_iam_role.${name}-role.name}`)
    .map(({ policy_arn }) => /aws_iam_policy\.(.*)\.arn/.exec(policy_arn)?.[1] ?? '');
  const policies = resources<{ name: string; policy: string }>(stack, 'aws_iam_policy');
  return new RolePolicies(
    `arn:aws:iam::${ACCOUNT_ID}:role/sandbox-broker/bootstrap/${prefix}-${name}`,
    attached.map((id) => ({ name: id, policy: parse(policies[id]?.policy ?? '', stack) })),
  );
}

/** The boundary of the stacks' roles. */
export function boundaryOf(stack: SynthesizedStack): NamedPolicy {
  const boundary = managedPolicies(stack).find(({ name }) => name.endsWith('-boundary'));
  if (boundary === undefined) throw new Error('The stack has no boundary.');
  return boundary;
}

/** The document with the values that Terraform would put in. */
function parse(text: string, stack: SynthesizedStack): PolicyDocument {
  const { bucket } = namesIn(stack);
  const known = text
    .replaceAll('${data.aws_caller_identity.account.account_id}', ACCOUNT_ID)
    .replaceAll('${aws_s3_bucket.state-bucket.arn}', `arn:aws:s3:::${bucket}`);
  const unknown = /\$\{[^}]*\}/.exec(known);
  if (unknown !== null) throw new Error(`The fixture has no value for ${unknown[0]}`);
  return JSON.parse(known) as PolicyDocument;
}

/** The first part of every name, and the bucket of the states. */
export function namesIn(stack: SynthesizedStack): { prefix: string; bucket: string } {
  const environment = stack.provider.aws[0]?.default_tags[0]?.tags.Environment;
  const prefix = `sandbox-broker-${String(environment)}`;
  return { prefix, bucket: `${prefix}-state-${ACCOUNT_ID}` };
}
