import type { Lb } from '@cdktf/provider-aws/lib/lb';
import {
  Wafv2WebAcl,
  type Wafv2WebAclRule,
  type Wafv2WebAclVisibilityConfig,
} from '@cdktf/provider-aws/lib/wafv2-web-acl';
import { Wafv2WebAclAssociation } from '@cdktf/provider-aws/lib/wafv2-web-acl-association';
import { Construct } from 'constructs';

/**
 * WAF counts the requests of the last five minutes, blocked ones included. It is also what a blocked client is told to
 * wait: until then it may still be blocked, and asking sooner makes it last longer.
 */
const RATE_WINDOW_SECONDS = 300;

const RATE_LIMITED_BODY = 'rate-limited';

export interface WebFirewallProps {
  /** Name of the web ACL, and first part of its metrics' names. */
  name: string;
  loadBalancer: Lb;
  /** Requests in five minutes from one IP address. A whole class may share one. */
  rateLimit: number;
}

/**
 * What is turned away before it costs the API anything: a flood from one address, and requests that only an attack on
 * known holes sends. The common rules only count at first, since they were not written for our callers; their metrics
 * tell whether they could block. No rule judges where a caller comes from: lab scripts run in clouds, and lists of
 * hosting providers would shut out all of them.
 */
export class WebFirewall extends Construct {
  readonly resource: Wafv2WebAcl;
  /** What CloudWatch knows the firewall by. */
  readonly metricName: string;

  constructor(scope: Construct, id: string, props: WebFirewallProps) {
    super(scope, id);
    const { name, loadBalancer, rateLimit } = props;
    this.metricName = name;
    this.resource = new Wafv2WebAcl(this, 'Default', {
      name,
      description: 'In front of the sandbox broker API',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      customResponseBody: [
        {
          key: RATE_LIMITED_BODY,
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify(rateLimitedAnswer()),
        },
      ],
      rule: [
        rateRule(name, rateLimit),
        managedRule(name, 1, 'AWSManagedRulesKnownBadInputsRuleSet', 'block'),
        managedRule(name, 2, 'AWSManagedRulesCommonRuleSet', 'count'),
      ],
      visibilityConfig: visibility(name),
    });
    new Wafv2WebAclAssociation(this, 'association', {
      resourceArn: loadBalancer.arn,
      webAclArn: this.resource.arn,
    });
  }
}

/** The app's own error shape (app/middleware/error-handler.ts). The firewall knows no request id. */
function rateLimitedAnswer(): Record<'error' | 'detail', Record<string, unknown>> {
  const fields = {
    code: 'RATE_LIMIT_EXCEEDED',
    message: 'Too many requests from your address. Wait as long as Retry-After says, then go on more slowly.',
    request_id: 'none',
    retry_after: RATE_WINDOW_SECONDS,
  };
  return { error: fields, detail: fields };
}

function rateRule(aclName: string, limit: number): Wafv2WebAclRule {
  return {
    name: 'rate-per-address',
    priority: 0,
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: RATE_LIMITED_BODY,
          responseHeader: [{ name: 'Retry-After', value: String(RATE_WINDOW_SECONDS) }],
        },
      },
    },
    // Statements have no type in CDKTF: these are Terraform's own names.
    statement: {
      rate_based_statement: {
        aggregate_key_type: 'IP',
        evaluation_window_sec: RATE_WINDOW_SECONDS,
        limit,
      },
    },
    visibilityConfig: visibility(`${aclName}-rate-per-address`),
  };
}

function managedRule(
  aclName: string,
  priority: number,
  ruleSet: string,
  effect: 'block' | 'count',
): Wafv2WebAclRule {
  return {
    name: ruleSet,
    priority,
    // `none` leaves each rule its own action, which is to block.
    overrideAction: effect === 'count' ? { count: {} } : { none: {} },
    statement: { managed_rule_group_statement: { vendor_name: 'AWS', name: ruleSet } },
    visibilityConfig: visibility(`${aclName}-${ruleSet}`),
  };
}

function visibility(metricName: string): Wafv2WebAclVisibilityConfig {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
