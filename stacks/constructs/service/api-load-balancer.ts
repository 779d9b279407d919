import { Lb } from '@cdktf/provider-aws/lib/lb';
import { LbListener } from '@cdktf/provider-aws/lib/lb-listener';
import { LbListenerRule } from '@cdktf/provider-aws/lib/lb-listener-rule';
import { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Fn, type ITerraformDependable, Op, TerraformCount, Token } from 'cdktf';
import { Construct } from 'constructs';
import { TARGET_GROUP_NAME_PREFIX } from '../../names';
import { API_DRAIN_SECONDS } from './container-environment';

/** The app keeps idle connections open for 65 s (app/http-listener.ts): never does it close one under our request. */
const IDLE_TIMEOUT_SECONDS = 60;

/**
 * How long a task that is being stopped gets no new requests and may answer those in flight. Ten seconds less than it
 * goes on serving after SIGTERM, for the load balancer to take note: in whichever order the two come, nobody meets a
 * closed door.
 */
const DEREGISTRATION_DELAY_SECONDS = API_DRAIN_SECONDS - 10;

/**
 * Two failed checks are 20 s: a task that drains without having been deregistered is left alone in time, too. A healthy check takes milliseconds; five seconds forgive a task in the middle of a class's start.
 */
const HEALTH_CHECK = { intervalSeconds: 10, timeoutSeconds: 5, healthyCount: 2, unhealthyCount: 2 };

/**
 * TLS 1.3, and 1.2 with forward secrecy and authenticated ciphers only; a client that can exchanges keys in a way that
 * holds against a quantum computer, too. What AWS recommends, and the newest of its kind. Source: Elastic Load Balancing
 * user guide, "Security policies for your Application Load Balancer".
 */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09';

/** The pages of the console: people type their address without a scheme, and no token is in such a request. */
const CONSOLE_PATHS = ['/console', '/console/*'];

export interface ApiLoadBalancerProps {
  /** Name of the load balancer; at most 32 characters. */
  name: string;
  vpc: Vpc;
  publicSubnets: readonly Subnet[];
  securityGroup: SecurityGroup;
  targetPort: number;
  /** ARN of a certificate in ACM, or '' for none: known only to Terraform. */
  certificateArn: string;
  deletionProtection: boolean;
  /** Gets a line for each request. Its policy lets the load balancer write. */
  accessLogs: S3Bucket;
}

/**
 * The API's front door. With a certificate it serves HTTPS; over plain HTTP it answers 403, because a redirect would come
 * after the token has travelled in clear text, and the script that sent it would go on doing so. Only the console is
 * redirected. Without a certificate it serves plain HTTP. A certificate can be given later in one deploy: the HTTP listener
 * is the same resource in both cases, and the HTTPS one exists before it begins to refuse.
 */
export class ApiLoadBalancer extends Construct {
  readonly resource: Lb;
  readonly targetGroup: LbTargetGroup;
  /** A service must depend on them: ECS refuses a target group that no listener uses. */
  readonly listeners: ITerraformDependable[];
  /** `http://…` or `https://…`, without a path. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: ApiLoadBalancerProps) {
    super(scope, id);
    const { certificateArn } = props;
    // A plain '' would be written as `undefined`.
    const hasCertificate = Op.neq(certificateArn, Fn.rawString(''));
    this.resource = new Lb(this, 'Default', {
      name: props.name,
      loadBalancerType: 'application',
      internal: false,
      subnets: props.publicSubnets.map((subnet) => subnet.id),
      securityGroups: [props.securityGroup.id],
      // What is no valid header must not reach the app, which might read it differently than we do.
      dropInvalidHeaderFields: true,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      enableDeletionProtection: props.deletionProtection,
      accessLogs: { bucket: props.accessLogs.bucket, enabled: true },
    });
    this.targetGroup = targetGroup(this, props);
    const https = new LbListener(this, 'https', {
      count: TerraformCount.of(Token.asNumber(Fn.conditional(hasCertificate, 1, 0))),
      loadBalancerArn: this.resource.arn,
      port: 443,
      protocol: 'HTTPS',
      sslPolicy: TLS_POLICY,
      certificateArn,
      defaultAction: [{ type: 'forward', targetGroupArn: this.targetGroup.arn }],
    });
    const http = new LbListener(this, 'http', {
      loadBalancerArn: this.resource.arn,
      port: 80,
      protocol: 'HTTP',
      defaultAction: [
        {
          type: Token.asString(Fn.conditional(hasCertificate, 'fixed-response', 'forward')),
          targetGroupArn: Token.asString(
            Fn.conditional(hasCertificate, Token.nullValue(), this.targetGroup.arn),
          ),
        },
      ],
      // First the new door, then the sign that points to it.
      dependsOn: [https],
    });
    // A block that is there only with a certificate. CDKTF has no words for one inside a list of blocks.
    const refusals: unknown = Fn.conditional(hasCertificate, ['refusal'], []);
    http.addOverride('default_action.0.dynamic.fixed_response', {
      for_each: refusals,
      content: {
        status_code: '403',
        content_type: 'application/json',
        message_body: JSON.stringify(plainHttpAnswer()),
      },
    });
    new LbListenerRule(this, 'console-to-https', {
      count: TerraformCount.of(Token.asNumber(Fn.conditional(hasCertificate, 1, 0))),
      listenerArn: http.arn,
      priority: 1,
      condition: [{ pathPattern: { values: CONSOLE_PATHS } }],
      action: [{ type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } }],
    });
    this.listeners = [http, https];
    this.url = `${Token.asString(Fn.conditional(hasCertificate, 'https', 'http'))}://${this.resource.dnsName}`;
  }
}

/** The app's own error shape (app/middleware/error-handler.ts). The load balancer knows no request id. */
function plainHttpAnswer(): Record<'error' | 'detail', Record<string, unknown>> {
  const fields = {
    code: 'FORBIDDEN',
    message:
      'Call this API over https. A token that was sent over http may have been read on its way: have it replaced.',
    request_id: 'none',
  };
  return { error: fields, detail: fields };
}

function targetGroup(scope: Construct, props: ApiLoadBalancerProps): LbTargetGroup {
  return new LbTargetGroup(scope, 'target-group', {
    namePrefix: TARGET_GROUP_NAME_PREFIX,
    tags: { Name: `${props.name}-api` },
    vpcId: props.vpc.id,
    targetType: 'ip',
    protocol: 'HTTP',
    port: props.targetPort,
    // A task that is busy with slow calls gets fewer new ones.
    loadBalancingAlgorithmType: 'least_outstanding_requests',
    deregistrationDelay: String(DEREGISTRATION_DELAY_SECONDS),
    healthCheck: {
      protocol: 'HTTP',
      path: '/healthz',
      matcher: '200',
      interval: HEALTH_CHECK.intervalSeconds,
      timeout: HEALTH_CHECK.timeoutSeconds,
      healthyThreshold: HEALTH_CHECK.healthyCount,
      unhealthyThreshold: HEALTH_CHECK.unhealthyCount,
    },
    // Another port needs another group, and a listener lets go of the old one only for a new one that is there.
    lifecycle: { createBeforeDestroy: true },
  });
}
