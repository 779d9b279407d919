import { apiEnvironmentSchema, MAX_ADMIN_WAIT_SECONDS } from '../../../../app/config';
import { ForbiddenError } from '../../../../app/errors';
import { errorBody } from '../../../../app/middleware/error-handler';
import { ENVIRONMENTS } from '../../../../stacks/environments';
import { API_DRAIN_SECONDS } from '../../../../stacks/constructs/service/container-environment';
import { API_PORT } from '../../../../stacks/ports';
import { synthesizeServiceStack } from '../../service-stack-fixture';
import { onlyResource, resources, type SynthesizedStack } from '../../synthesized';

interface Listener {
  port: number;
  count?: string;
  depends_on?: string[];
  ssl_policy?: string;
  certificate_arn?: string;
  default_action: { type: string; target_group_arn: string; dynamic?: Record<string, unknown> }[];
}

/** For how long the app keeps an idle connection open: KEEP_ALIVE_TIMEOUT_MS in app/http-listener.ts. */
const APP_KEEP_ALIVE_SECONDS = 65;

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeServiceStack();
});

function listener(port: number): Listener {
  const found = Object.values(resources<Listener>(stack, 'aws_lb_listener')).find((one) => one.port === port);
  if (found === undefined) throw new Error(`Nothing listens on port ${port}.`);
  return found;
}

describe('the load balancer', () => {
  it('is open to the internet, in the public subnets, and drops invalid headers', () => {
    const loadBalancer = onlyResource<{ subnets: string[] }>(stack, 'aws_lb');

    expect(loadBalancer).toMatchObject({ internal: false, drop_invalid_header_fields: true });
    expect(loadBalancer.subnets).toHaveLength(2);
    for (const subnet of loadBalancer.subnets) expect(subnet).toMatch(/public-subnets/);
  });

  it('closes an idle connection before the app does, which could close under a request', () => {
    const { idle_timeout: idleTimeout } = onlyResource<{ idle_timeout: number }>(stack, 'aws_lb');
    expect(idleTimeout).toBeLessThan(APP_KEEP_ALIVE_SECONDS);
  });

  it('waits longer than any admin call may be told to, with the reading of one row on top', () => {
    const { idle_timeout: idleTimeout } = onlyResource<{ idle_timeout: number }>(stack, 'aws_lb');
    expect(idleTimeout - MAX_ADMIN_WAIT_SECONDS).toBeGreaterThanOrEqual(15);
  });

  it('is protected against deletion in prod only', () => {
    expect(onlyResource(stack, 'aws_lb')).toMatchObject({ enable_deletion_protection: false });
    expect(onlyResource(synthesizeServiceStack(ENVIRONMENTS.prod), 'aws_lb')).toMatchObject({
      enable_deletion_protection: true,
    });
  });
});

describe('the access log', () => {
  it('is written for every request, into the bucket of the network stack', () => {
    expect(onlyResource(stack, 'aws_lb')).toMatchObject({
      access_logs: {
        enabled: true,
        bucket: expect.stringMatching(
          /^\$\{data\.terraform_remote_state\..*access-logs.*bucket\}$/,
        ) as string,
      },
    });
  });
});

describe('the target group', () => {
  interface TargetGroup {
    deregistration_delay: string;
    health_check: { interval: number; unhealthy_threshold: number };
  }

  it('asks /healthz on the port of the API, which does not ask the table', () => {
    expect(onlyResource(stack, 'aws_lb_target_group')).toMatchObject({
      target_type: 'ip',
      port: API_PORT,
      health_check: { path: '/healthz', matcher: '200' },
    });
  });

  it('can be replaced: a new one has another name, and is there before the old one goes', () => {
    const group = onlyResource<{ name_prefix: string }>(stack, 'aws_lb_target_group');

    expect(group).toMatchObject({ lifecycle: { create_before_destroy: true } });
    expect(group).not.toHaveProperty('name');
    // The provider takes no more.
    expect(group.name_prefix.length).toBeLessThanOrEqual(6);
  });

  it('lets go of a task before the task stops serving', () => {
    const { deregistration_delay: delay, health_check: check } = onlyResource<TargetGroup>(
      stack,
      'aws_lb_target_group',
    );

    expect(Number(delay)).toBeGreaterThan(0);
    expect(Number(delay)).toBeLessThan(API_DRAIN_SECONDS);
    expect(check.interval * check.unhealthy_threshold).toBeLessThan(API_DRAIN_SECONDS);
  });
});

describe('the listeners', () => {
  it('are, without a certificate, one for HTTP that forwards', () => {
    const [action, ...others] = listener(80).default_action;

    expect(others).toEqual([]);
    expect(action?.type).toBe('${(var.certificate_arn != "") ? "fixed-response" : "forward"}');
    expect(action?.target_group_arn).toMatch(
      /^\$\{\(var\.certificate_arn != ""\) \? null : aws_lb_target_group\..+\.arn\}$/,
    );
    expect(listener(80)).not.toHaveProperty('count');
    expect(listener(443).count).toBe('${(var.certificate_arn != "") ? 1 : 0}');
  });

  it('are, with a certificate, HTTPS by the newest policy that AWS recommends', () => {
    expect(listener(443)).toMatchObject({
      protocol: 'HTTPS',
      certificate_arn: '${var.certificate_arn}',
      ssl_policy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
      default_action: [{ type: 'forward' }],
    });
  });

  it('refuse, with a certificate, what comes over plain HTTP, in the error shape of the API', () => {
    interface Refusal {
      for_each: string;
      content: { status_code: string; content_type: string; message_body: string };
    }
    const { fixed_response: refusal } = listener(80).default_action[0]?.dynamic as {
      fixed_response: Refusal;
    };
    const body = JSON.parse(refusal.content.message_body) as ReturnType<typeof errorBody>;
    const ours = errorBody(new ForbiddenError('track'), 'none');

    expect(refusal.for_each).toBe('${(var.certificate_arn != "") ? ["refusal"] : []}');
    expect(refusal.content).toMatchObject({ status_code: '403', content_type: 'application/json' });
    expect(body.error).toEqual({ ...ours.error, message: body.error.message });
    expect(body.detail).toEqual(body.error);
    // Elastic Load Balancing takes no more.
    expect(refusal.content.message_body.length).toBeLessThanOrEqual(1_024);
  });

  it('redirect over plain HTTP the pages of the console, and nothing below the base path', () => {
    const rule = onlyResource<{
      count: string;
      condition: { path_pattern: { values: string[] } }[];
      action: object[];
    }>(stack, 'aws_lb_listener_rule');
    const paths = rule.condition.flatMap(({ path_pattern }) => path_pattern.values);
    const basePath = apiEnvironmentSchema.shape.API_BASE_PATH.parse(undefined);

    expect(rule.count).toBe('${(var.certificate_arn != "") ? 1 : 0}');
    expect(paths).toEqual(['/console', '/console/*']);
    expect(paths.filter((path) => path.startsWith(`${basePath}/`) || path.startsWith('/*'))).toEqual([]);
    expect(rule.action).toEqual([
      { type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', status_code: 'HTTP_301' } },
    ]);
  });

  it('do not send anybody to HTTPS before it is there', () => {
    const httpsId = Object.entries(resources<Listener>(stack, 'aws_lb_listener')).find(
      ([, { port }]) => port === 443,
    )?.[0];
    expect(listener(80).depends_on).toEqual([`aws_lb_listener.${httpsId}`]);
  });
});
