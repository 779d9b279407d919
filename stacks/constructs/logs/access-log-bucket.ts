import { DataAwsIamPolicyDocument } from '@cdktf/provider-aws/lib/data-aws-iam-policy-document';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { Construct } from 'constructs';

/** AWS WAF writes only into buckets whose names begin like this. */
const NAME_PREFIX = 'aws-waf-logs-';

/** An upload that broke off is invisible, and is paid for. */
const UNFINISHED_UPLOAD_DAYS = 1;

export interface AccessLogBucketProps {
  /** `sandbox-broker-<environment>`; the account and the region make the name unique in the world. */
  namePrefix: string;
  accountId: string;
  awsRegion: string;
  /** Days after which a log is deleted. */
  retentionDays: number;
  /** When off, AWS refuses to delete the bucket as long as it holds a log. */
  deleteWithLogs: boolean;
}

/**
 * Where AWS writes who called, what the firewall stopped and which connections the network refused: under
 * `AWSLogs/<account>/` in `elasticloadbalancing`, `WAFLogs` and `vpcflowlogs`. Only these services of this account may
 * write, nobody reads without TLS, and a log is deleted after its days.
 *
 * Encrypted with keys of S3: the load balancer can write into no bucket with another kind (Elastic Load Balancing user
 * guide, "Enable access logs for your Application Load Balancer").
 */
export class AccessLogBucket extends Construct {
  readonly resource: S3Bucket;
  /** Without it no service may write: what logs into the bucket depends on it. */
  readonly policy: S3BucketPolicy;

  constructor(scope: Construct, id: string, props: AccessLogBucketProps) {
    super(scope, id);
    const bucket = new S3Bucket(this, 'Default', {
      bucket: `${NAME_PREFIX}${props.namePrefix}-${props.accountId}-${props.awsRegion}`,
      forceDestroy: props.deleteWithLogs,
    });
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, 'public-access-block', {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket: bucket.id,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    });
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket: bucket.id,
      rule: [
        {
          id: `expire-after-${props.retentionDays}-days`,
          status: 'Enabled',
          filter: [{ prefix: '' }],
          expiration: [{ days: props.retentionDays }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: UNFINISHED_UPLOAD_DAYS }],
        },
      ],
    });
    const document = policyDocument(this, bucket, props);
    this.policy = new S3BucketPolicy(this, 'policy', {
      bucket: bucket.id,
      policy: document.json,
      // S3 refuses two changes of one bucket's access at the same moment.
      dependsOn: [publicAccessBlock],
    });
    this.resource = bucket;
  }
}

/**
 * Sources: Elastic Load Balancing user guide, "Enable access logs for your Application Load Balancer"; CloudWatch Logs
 * user guide, "Logs sent to Amazon S3". The names of the statements are AWS's own: when it finds them, it adds none.
 */
function policyDocument(
  scope: Construct,
  bucket: S3Bucket,
  { accountId, awsRegion }: AccessLogBucketProps,
): DataAwsIamPolicyDocument {
  const logs = `${bucket.arn}/AWSLogs/${accountId}/*`;
  const logDelivery = { type: 'Service', identifiers: ['delivery.logs.amazonaws.com'] };
  // Else a log of somebody else's account could be sent here (the confused deputy, IAM user guide).
  const ofThisAccount = [
    { test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] },
    { test: 'ArnLike', variable: 'aws:SourceArn', values: [`arn:aws:logs:${awsRegion}:${accountId}:*`] },
  ];
  return new DataAwsIamPolicyDocument(scope, 'policy-document', {
    statement: [
      {
        sid: 'LoadBalancerWrite',
        effect: 'Allow',
        actions: ['s3:PutObject'],
        resources: [logs],
        // It names no account to S3, and writes below the number of the account that the load balancer is in.
        principals: [{ type: 'Service', identifiers: ['logdelivery.elasticloadbalancing.amazonaws.com'] }],
      },
      {
        sid: 'AWSLogDeliveryWrite',
        effect: 'Allow',
        actions: ['s3:PutObject'],
        resources: [logs],
        principals: [logDelivery],
        condition: [
          ...ofThisAccount,
          { test: 'StringEquals', variable: 's3:x-amz-acl', values: ['bucket-owner-full-control'] },
        ],
      },
      {
        sid: 'AWSLogDeliveryAclCheck',
        effect: 'Allow',
        actions: ['s3:GetBucketAcl', 's3:ListBucket'],
        resources: [bucket.arn],
        principals: [logDelivery],
        condition: ofThisAccount,
      },
      {
        sid: 'TlsOnly',
        effect: 'Deny',
        actions: ['s3:*'],
        resources: [bucket.arn, `${bucket.arn}/*`],
        principals: [{ type: '*', identifiers: ['*'] }],
        condition: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
      },
    ],
  });
}
