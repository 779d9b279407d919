import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { Construct } from 'constructs';

/** How long an older version of a state can be gone back to. Each is a few hundred kilobytes at most. */
const OLD_VERSION_DAYS = 365;

/**
 * Where Terraform's state lies: every version kept for a year, encrypted, reached over TLS 1.2 or newer only, and never
 * public, whatever an object or a policy says. Terraform refuses every plan that would delete it.
 */
export class StateBucket extends Construct {
  readonly resource: S3Bucket;

  constructor(scope: Construct, id: string, props: { name: string }) {
    super(scope, id);
    this.resource = new S3Bucket(this, 'Default', {
      bucket: props.name,
      lifecycle: { preventDestroy: true },
    });
    const bucket = this.resource.id;
    const versioning = new S3BucketVersioningA(this, 'versioning', {
      bucket,
      versioningConfiguration: { status: 'Enabled' },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    });
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, 'public-access-block', {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketPolicy(this, 'policy', {
      bucket,
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          this.#denial('TlsOnly', { Bool: { 'aws:SecureTransport': 'false' } }),
          this.#denial('Tls12', { NumericLessThan: { 's3:TlsVersion': '1.2' } }),
        ],
      }),
      // S3 takes one change of a bucket at a time.
      dependsOn: [publicAccessBlock],
    });
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket,
      rule: [
        {
          id: 'old-versions',
          status: 'Enabled',
          filter: [{ prefix: '' }],
          noncurrentVersionExpiration: [{ noncurrentDays: OLD_VERSION_DAYS }],
        },
      ],
      dependsOn: [versioning],
    });
  }

  #denial(sid: string, condition: Record<string, Record<string, string>>): object {
    const { arn } = this.resource;
    return {
      Sid: sid,
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [arn, `${arn}/*`],
      Condition: condition,
    };
  }
}
