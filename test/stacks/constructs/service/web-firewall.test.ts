import { RateLimitExceededError } from '../../../../app/errors';
import { errorBody } from '../../../../app/middleware/error-handler';
import { synthesizeServiceStack } from '../../service-stack-fixture';
import { onlyResource } from '../../synthesized';

interface Rule {
  name: string;
  priority: number;
  action?: Record<string, unknown>;
  override_action?: Record<string, unknown>;
  statement: {
    managed_rule_group_statement?: { vendor_name: string; name: string };
    rate_based_statement?: { limit: string; aggregate_key_type: string; evaluation_window_sec: number };
  };
  visibility_config: Record<string, unknown>;
}

interface WebAcl {
  scope: string;
  default_action: Record<string, unknown>;
  custom_response_body: { key: string; content: string; content_type: string }[];
  rule: Rule[];
  visibility_config: Record<string, unknown>;
}

let webAcl: WebAcl;

beforeAll(() => {
  webAcl = onlyResource<WebAcl>(synthesizeServiceStack(), 'aws_wafv2_web_acl');
});

function managedRule(name: string): Rule | undefined {
  return webAcl.rule.find(({ statement }) => statement.managed_rule_group_statement?.name === name);
}

describe('the firewall', () => {
  it('lets pass what no rule stops, and stands in front of the load balancer', () => {
    expect(webAcl.default_action).toEqual({ allow: {} });
    expect(onlyResource(synthesizeServiceStack(), 'aws_wafv2_web_acl_association')).toMatchObject({
      resource_arn: '${aws_lb.load-balancer.arn}',
      web_acl_arn: '${aws_wafv2_web_acl.firewall.arn}',
    });
  });

  it('has no rule but these, and so none that judges a caller by the cloud it comes from', () => {
    const managed = webAcl.rule.flatMap(
      ({ statement }) => statement.managed_rule_group_statement?.name ?? [],
    );
    expect(managed.sort()).toEqual(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet']);
    expect(webAcl.rule).toHaveLength(3);
  });

  it('only counts what the common rules find, and blocks known bad inputs', () => {
    expect(managedRule('AWSManagedRulesCommonRuleSet')?.override_action).toEqual({ count: {} });
    expect(managedRule('AWSManagedRulesKnownBadInputsRuleSet')?.override_action).toEqual({ none: {} });
  });

  it('limits the requests of one address in five minutes to the variable', () => {
    const limits = webAcl.rule.flatMap(({ statement }) => statement.rate_based_statement ?? []);
    expect(limits).toEqual([
      { limit: '${var.waf_rate_limit}', aggregate_key_type: 'IP', evaluation_window_sec: 300 },
    ]);
  });

  it('answers above the limit as the app does: 429, its error shape, and the same time to wait everywhere', () => {
    const [body] = webAcl.custom_response_body;
    const content = JSON.parse(body?.content ?? '') as ReturnType<typeof errorBody>;
    const waitSeconds = content.error.retry_after ?? 0;
    const ours = errorBody(new RateLimitExceededError(waitSeconds), 'none');

    expect(body?.content_type).toBe('APPLICATION_JSON');
    expect(content).toEqual({
      error: { ...ours.error, message: content.error.message, details: undefined },
      detail: { ...ours.error, message: content.error.message, details: undefined },
    });
    expect(webAcl.rule.find(({ statement }) => statement.rate_based_statement)?.action).toEqual({
      block: {
        custom_response: {
          response_code: 429,
          custom_response_body_key: body?.key,
          response_header: [{ name: 'Retry-After', value: String(waitSeconds) }],
        },
      },
    });
  });

  it('measures and samples each rule under a name of its own', () => {
    const all = [webAcl, ...webAcl.rule].map((one) => one.visibility_config);
    for (const one of all) {
      expect(one).toMatchObject({ cloudwatch_metrics_enabled: true, sampled_requests_enabled: true });
    }
    expect(new Set(all.map((one) => one.metric_name)).size).toBe(all.length);
    expect(new Set(webAcl.rule.map(({ priority }) => priority)).size).toBe(webAcl.rule.length);
  });
});

describe('the log of the firewall', () => {
  const log = () =>
    onlyResource<{
      log_destination_configs: string[];
      redacted_fields: { single_header: { name: string } }[];
      logging_filter: {
        default_behavior: string;
        filter: { behavior: string; condition: { action_condition: { action: string } }[] }[];
      };
    }>(synthesizeServiceStack(), 'aws_wafv2_web_acl_logging_configuration');

  it('holds what was blocked or counted, and drops what passed', () => {
    const { default_behavior, filter } = log().logging_filter;

    expect(default_behavior).toBe('DROP');
    expect(filter).toHaveLength(1);
    expect(filter[0]?.behavior).toBe('KEEP');
    expect(filter[0]?.condition.map(({ action_condition }) => action_condition.action)).toEqual([
      'BLOCK',
      'COUNT',
      'EXCLUDED_AS_COUNT',
    ]);
  });

  it('holds no token', () => {
    const names = log().redacted_fields.map(({ single_header }) => single_header.name);
    expect(names).toContain('authorization');
  });

  it('lies in the bucket of the network stack', () => {
    expect(log().log_destination_configs).toEqual([
      expect.stringMatching(/^\$\{data\.terraform_remote_state\..*access-logs.*arn\}$/),
    ]);
  });
});
