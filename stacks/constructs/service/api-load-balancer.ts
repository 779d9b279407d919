import { Lb } from '@cdktf/provider-aws/lib/lb';
import { LbListener } from '@cdktf/provider-aws/lib/lb-listener';
import { LbTargetGroup } from '@cdktf/provider-aws/lib/lb-target-group';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Fn, type ITerraformDependable, Op, TerraformCount, Token } from 'cdktf';
import { Construct } from 'constructs';
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

/** TLS 1.3, and 1.2 with forward secrecy for older clients. */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

export interface ApiLoadBalancerProps {
  /** Name of the load balancer and first part of the target group's; with `-api` at most 32 characters. */
  name: string;
  vpc: Vpc;
  publicSubnets: readonly Subnet[];
  securityGroup: SecurityGroup;
  targetPort: number;
  /** ARN of a certificate in ACM, or '' for none: known only to Terraform. */
  certificateArn: string;
  deletionProtection: boolean;
}

/**
 * The API's front door. With a certificate it serves HTTPS, and plain HTTP only redirects there; without one it serves
 * plain HTTP. A certificate can be given later in one deploy: the HTTP listener is the same resource in both cases, and
 * the HTTPS one exists before it begins to redirect.
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
          type: Token.asString(Fn.conditional(hasCertificate, 'redirect', 'forward')),
          targetGroupArn: Token.asString(
            Fn.conditional(hasCertificate, Token.nullValue(), this.targetGroup.arn),
          ),
        },
      ],
      // First the new door, then the sign that points to it.
      dependsOn: [https],
    });
    // A block that is there only with a certificate. CDKTF has no words for one inside a list of blocks.
    const redirects: unknown = Fn.conditional(hasCertificate, ['redirect'], []);
    http.addOverride('default_action.0.dynamic.redirect', {
      for_each: redirects,
      content: { protocol: 'HTTPS', port: '443', status_code: 'HTTP_301' },
    });
    this.listeners = [http, https];
    this.url = `${Token.asString(Fn.conditional(hasCertificate, 'https', 'http'))}://${this.resource.dnsName}`;
  }
}

function targetGroup(scope: Construct, props: ApiLoadBalancerProps): LbTargetGroup {
  return new LbTargetGroup(scope, 'target-group', {
    name: `${props.name}-api`,
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
  });
}
