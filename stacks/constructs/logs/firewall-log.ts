import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import type { Wafv2WebAcl } from '@cdktf/provider-aws/lib/wafv2-web-acl';
import { Wafv2WebAclLoggingConfiguration } from '@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration';
import { Construct } from 'constructs';

export interface FirewallLogProps {
  webAcl: Wafv2WebAcl;
  /** Its policy lets AWS write. */
  bucket: S3Bucket;
}

/** What is in a request's headers and must be in no log. */
const SECRET_HEADERS = ['authorization', 'cookie'];

/**
 * Whom the firewall stopped, by which rule, and whom a rule that only counts would have stopped. Requests that it let pass
 * are not logged: the load balancer logs them. No token is in it.
 */
export class FirewallLog extends Construct {
  constructor(scope: Construct, id: string, { webAcl, bucket }: FirewallLogProps) {
    super(scope, id);
    new Wafv2WebAclLoggingConfiguration(this, 'Default', {
      resourceArn: webAcl.arn,
      logDestinationConfigs: [bucket.arn],
      redactedFields: SECRET_HEADERS.map((name) => ({ singleHeader: { name } })),
      loggingFilter: {
        defaultBehavior: 'DROP',
        filter: [
          {
            behavior: 'KEEP',
            requirement: 'MEETS_ANY',
            condition: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((action) => ({
              actionCondition: { action },
            })),
          },
        ],
      },
    });
  }
}
