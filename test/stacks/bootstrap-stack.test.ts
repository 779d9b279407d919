import { ENVIRONMENTS } from '../../stacks/environments';
import { managedPolicies, synthesizeBootstrapStack } from './bootstrap-fixture';
import { onlyResource, resources, resourceTypes } from './synthesized';

const dev = synthesizeBootstrapStack();
const prod = synthesizeBootstrapStack(ENVIRONMENTS.prod);

describe('the bucket of the states', () => {
  it('keeps every version, encrypts, and refuses the public and every plan that deletes it', () => {
    expect(onlyResource(dev, 'aws_s3_bucket')).toMatchObject({
      bucket: 'sandbox-broker-dev-state-${data.aws_caller_identity.account.account_id}',
      lifecycle: { prevent_destroy: true },
    });
    expect(onlyResource(dev, 'aws_s3_bucket_versioning')).toMatchObject({
      versioning_configuration: { status: 'Enabled' },
    });
    expect(onlyResource(dev, 'aws_s3_bucket_server_side_encryption_configuration')).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
    });
    expect(onlyResource(dev, 'aws_s3_bucket_public_access_block')).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
  });

  it('is reached over TLS only, whoever asks', () => {
    const { policy } = onlyResource<{ policy: string }>(dev, 'aws_s3_bucket_policy');

    expect((JSON.parse(policy) as { Statement: object[] }).Statement).toContainEqual({
      Sid: 'TlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['${aws_s3_bucket.state-bucket.arn}', '${aws_s3_bucket.state-bucket.arn}/*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});

describe('the budget', () => {
  it('tells somebody at 80 % and all of it, and before that if the month will exceed it', () => {
    const { notification } = onlyResource<{
      notification: {
        threshold: number;
        notification_type: string;
        subscriber_email_addresses: string[];
      }[];
    }>(dev, 'aws_budgets_budget');

    expect(notification.map((one) => `${one.notification_type} ${one.threshold}`)).toEqual([
      'ACTUAL 80',
      'ACTUAL 100',
      'FORECASTED 100',
    ]);
    for (const one of notification) expect(one.subscriber_email_addresses).toEqual(['${var.alarm_email}']);
  });
});

describe('the roles of the pipelines', () => {
  interface Role {
    name: string;
    path: string;
    assume_role_policy: string;
  }
  const subjectsOf = (stack: typeof dev): Record<string, unknown> =>
    Object.fromEntries(
      Object.values(resources<Role>(stack, 'aws_iam_role')).map(({ name, assume_role_policy }) => {
        const [statement, ...others] = (
          JSON.parse(assume_role_policy) as {
            Statement: { Action: string; Condition: { StringEquals: Record<string, unknown> } }[];
          }
        ).Statement;
        expect(others).toEqual([]);
        expect(statement?.Action).toBe('sts:AssumeRoleWithWebIdentity');
        expect(statement?.Condition.StringEquals['token.actions.githubusercontent.com:aud']).toBe(
          'sts.amazonaws.com',
        );
        return [name, statement?.Condition.StringEquals['token.actions.githubusercontent.com:sub']];
      }),
    );

  it('are taken on by exactly the workflows of one repository that docs/pipelines.md names', () => {
    const repo = 'repo:${var.github_repository}';

    expect(subjectsOf(dev)).toEqual({
      'sandbox-broker-dev-plan': [`${repo}:pull_request`, `${repo}:ref:refs/heads/main`],
      'sandbox-broker-dev-deploy': [`${repo}:environment:dev`],
      'sandbox-broker-dev-image': [`${repo}:ref:refs/heads/main`],
    });
  });

  it('are without the one that pushes images in production, which copies those of dev', () => {
    expect(Object.keys(subjectsOf(prod))).toEqual(['sandbox-broker-prod-deploy', 'sandbox-broker-prod-plan']);
  });

  it('lie below a path of their own', () => {
    for (const { path } of Object.values(resources<Role>(dev, 'aws_iam_role'))) {
      expect(path).toBe('/sandbox-broker/bootstrap/');
    }
  });

  it('have policies of a length that IAM takes: 6,144 characters each, and ten for a role', () => {
    for (const stack of [dev, prod]) {
      for (const { name, policy } of managedPolicies(stack)) {
        const { length } = JSON.stringify(policy);
        expect({ name, isFine: length <= 6_144 }).toEqual({ name, isFine: true });
      }
      const attachments = resources<{ role: string }>(stack, 'aws_iam_role_policy_attachment');
      const ofDeployRole = Object.values(attachments).filter(({ role }) => role.includes('.deploy-role.'));
      expect(ofDeployRole.length).toBeGreaterThan(0);
      expect(ofDeployRole.length).toBeLessThanOrEqual(10);
    }
  });
});

it('holds nothing that the other stacks deploy', () => {
  expect(resourceTypes(dev)).toEqual([
    'aws_budgets_budget',
    'aws_iam_openid_connect_provider',
    'aws_iam_policy',
    'aws_iam_role',
    'aws_iam_role_policy_attachment',
    'aws_s3_bucket',
    'aws_s3_bucket_lifecycle_configuration',
    'aws_s3_bucket_policy',
    'aws_s3_bucket_public_access_block',
    'aws_s3_bucket_server_side_encryption_configuration',
    'aws_s3_bucket_versioning',
  ]);
});
