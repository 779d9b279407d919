import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { resourcesByAction, statementsOf, synthesizeServiceStack } from './service-stack-fixture';
import { onlyResource, resources, type SynthesizedStack } from './synthesized';

const NAMES = deployedNames(ENVIRONMENTS.dev);

interface Service {
  name: string;
  depends_on: string[];
  [setting: string]: unknown;
}

let stack: SynthesizedStack;

beforeAll(() => {
  stack = synthesizeServiceStack();
});

function service(name: string): Service {
  const found = Object.values(resources<Service>(stack, 'aws_ecs_service')).find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no service ${name}.`);
  return found;
}

describe('the API service', () => {
  it('begins with as many tasks as its variable says and leaves the number to autoscaling afterwards', () => {
    expect(service(NAMES.apiService)).toMatchObject({
      desired_count: '${var.api_desired_count}',
      lifecycle: { ignore_changes: ['desired_count'] },
    });
  });

  it('never has fewer tasks during a deployment than before it', () => {
    expect(service(NAMES.apiService)).toMatchObject({
      deployment_minimum_healthy_percent: 100,
      deployment_maximum_percent: 200,
    });
  });

  it('goes back by itself when new tasks fail, and when an alarm that exists before it says so', () => {
    const { alarms, deployment_circuit_breaker } = service(NAMES.apiService);

    expect(deployment_circuit_breaker).toEqual({ enable: true, rollback: true });
    expect(alarms).toMatchObject({ enable: true, rollback: true });
    const { alarm_names: names } = alarms as { alarm_names: string[] };
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(name).toMatch(/^\$\{aws_cloudwatch_metric_alarm\..+\.alarm_name\}$/);
  });

  it('waits for both listeners, as ECS refuses a target group that none of them uses', () => {
    const listeners = Object.keys(resources(stack, 'aws_lb_listener')).map((id) => `aws_lb_listener.${id}`);

    expect(listeners).toHaveLength(2);
    expect(service(NAMES.apiService).depends_on).toEqual(expect.arrayContaining(listeners));
  });

  it('scales between its two variables, by CPU and by memory, before the alarms go off', () => {
    interface Policy {
      target_tracking_scaling_policy_configuration: {
        predefined_metric_specification: { predefined_metric_type: string };
        target_value: number;
        scale_in_cooldown: number;
        scale_out_cooldown: number;
      };
    }
    expect(onlyResource(stack, 'aws_appautoscaling_target')).toMatchObject({
      min_capacity: '${var.api_autoscaling_min}',
      max_capacity: '${var.api_autoscaling_max}',
    });
    const policies = Object.values(resources<Policy>(stack, 'aws_appautoscaling_policy')).map(
      (policy) => policy.target_tracking_scaling_policy_configuration,
    );
    expect(
      policies.map((policy) => policy.predefined_metric_specification.predefined_metric_type).sort(),
    ).toEqual(['ECSServiceAverageCPUUtilization', 'ECSServiceAverageMemoryUtilization']);
    for (const policy of policies) {
      expect(policy.target_value).toBeLessThan(80);
      expect(policy.scale_in_cooldown).toBeGreaterThan(policy.scale_out_cooldown);
    }
  });
});

describe('the worker service', () => {
  it('never has two tasks at a time, and no load balancer', () => {
    expect(service(NAMES.workerService)).toMatchObject({
      deployment_minimum_healthy_percent: 0,
      deployment_maximum_percent: 100,
      // With it ECS would refuse a maximum of 100 %.
      availability_zone_rebalancing: 'DISABLED',
    });
    expect(service(NAMES.workerService)).not.toHaveProperty('load_balancer');
  });

  it('has as many tasks as the parameter says, whose value Terraform never changes', () => {
    const [id] = Object.keys(resources(stack, 'aws_ssm_parameter'));

    expect(service(NAMES.workerService).desired_count).toBe(
      `\${tonumber(aws_ssm_parameter.${id}.insecure_value)}`,
    );
    expect(service(NAMES.workerService).lifecycle).not.toHaveProperty('ignore_changes');
    expect(onlyResource(stack, 'aws_ssm_parameter')).toMatchObject({
      name: NAMES.workerDesiredCountParameter,
      type: 'String',
      insecure_value: '1',
      lifecycle: { ignore_changes: ['insecure_value'] },
    });
  });
});

describe('both services', () => {
  const names = [NAMES.apiService, NAMES.workerService];

  it.each(names)('%s fails the deploy when ECS has gone back to another revision', (name) => {
    const { lifecycle, task_definition } = service(name) as unknown as {
      task_definition: string;
      lifecycle: { postcondition: { condition: string; error_message: string }[] };
    };
    const revision = task_definition.replace(/^\$\{(.*)\}$/, '$1');

    expect(lifecycle.postcondition).toEqual([
      {
        condition: `\${(self.task_definition == ${revision})}`,
        error_message: expect.stringContaining('ECS went back') as string,
      },
    ]);
  });

  it('say which revisions were deployed, for scripts/watch-deployment.mjs to compare with what runs', () => {
    const script = readFileSync(join(__dirname, '../../scripts/watch-deployment.mjs'), 'utf8');
    const outputs = { api_task_definition: NAMES.apiService, worker_task_definition: NAMES.workerService };

    for (const [output, name] of Object.entries(outputs)) {
      expect(stack.output?.[output]?.value).toBe(service(name).task_definition);
      expect(script).toContain(output);
    }
  });

  it.each(names)('%s runs in the private subnets without a public address', (name) => {
    const { network_configuration: network } = service(name) as unknown as {
      network_configuration: { assign_public_ip: boolean; subnets: string[]; security_groups: string[] };
    };

    expect(network.assign_public_ip).toBe(false);
    expect(network.subnets).toHaveLength(2);
    for (const subnet of network.subnets) expect(subnet).toMatch(/private-subnets/);
    expect(network.security_groups).toEqual([
      expect.stringMatching(name === NAMES.apiService ? /group_api_/ : /group_worker_/),
    ]);
  });

  it.each(names)('%s starts no task before its roles have all their rights', (name) => {
    const suffix = name === NAMES.apiService ? 'api-roles' : 'worker-roles';
    const policies = Object.keys(resources(stack, 'aws_iam_role_policy'))
      .filter((id) => id.startsWith(suffix))
      .map((id) => `aws_iam_role_policy.${id}`);

    // The API shows on-call people the alarms, and what was done because of them.
    expect(policies).toHaveLength(name === NAMES.apiService ? 6 : 4);
    expect(service(name).depends_on).toEqual(expect.arrayContaining(policies));
  });

  it('log to a group of their own, kept as long as the variable says', () => {
    const groups = Object.values(
      resources<{ name: string; retention_in_days: string }>(stack, 'aws_cloudwatch_log_group'),
    );

    expect(groups.map(({ name }) => name).sort()).toEqual([NAMES.apiLogGroup, NAMES.workerLogGroup].sort());
    for (const group of groups) expect(group.retention_in_days).toBe('${var.log_retention_days}');
  });

  it('run in a cluster with container insights', () => {
    expect(onlyResource(stack, 'aws_ecs_cluster')).toMatchObject({
      name: NAMES.cluster,
      setting: [{ name: 'containerInsights', value: 'enabled' }],
    });
  });
});

describe('the roles', () => {
  const roles = names('api-execution', 'api-task', 'worker-execution', 'worker-task');

  function names(...kinds: string[]): string[] {
    return kinds.map((kind) => `${NAMES.prefix}-${kind}`);
  }

  it('are four, two for each service', () => {
    const found = Object.values(resources<{ name: string }>(stack, 'aws_iam_role'));
    expect(found.map(({ name }) => name).sort()).toEqual([...roles].sort());
  });

  it('are given to ECS, and what our code may do only to tasks of this account', () => {
    const ofThisAccount = {
      StringEquals: { 'aws:SourceAccount': '${data.aws_caller_identity.account.account_id}' },
    };
    const found = Object.values(
      resources<{ name: string; assume_role_policy: string }>(stack, 'aws_iam_role'),
    );
    for (const { name, assume_role_policy } of found) {
      expect(JSON.parse(assume_role_policy)).toEqual({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'ecs-tasks.amazonaws.com' },
            Action: 'sts:AssumeRole',
            ...(name.endsWith('-task') ? { Condition: ofThisAccount } : {}),
          },
        ],
      });
    }
  });

  it('have no managed policy, and no wildcard but for the registry login, which knows no resource', () => {
    expect(stack.resource).not.toHaveProperty('aws_iam_role_policy_attachment');
    const statements = roles.flatMap((role) => statementsOf(stack, role));

    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    const wide = statements.filter(({ Resource }) =>
      // The streams of a log group are the one thing that is named only when a task starts.
      Resource.some((arn) => arn.replace(/log_group\.[\w-]+\.arn\}:\*$/, '').includes('*')),
    );
    expect(wide.map(({ Action }) => Action)).toEqual([
      ['ecr:GetAuthorizationToken'],
      ['ecr:GetAuthorizationToken'],
    ]);
  });

  it('let the API read its three secrets, and the worker the one of the portal', () => {
    const secretsOf = (role: string): (string | undefined)[] =>
      (resourcesByAction(statementsOf(stack, role))['secretsmanager:GetSecretValue'] ?? [])
        .map((arn) => /broker-api-token|broker-admin-token|csp-api-token/.exec(arn)?.[0])
        .sort();

    expect(secretsOf(`${NAMES.apiService}-execution`)).toEqual([
      'broker-admin-token',
      'broker-api-token',
      'csp-api-token',
    ]);
    expect(secretsOf(`${NAMES.workerService}-execution`)).toEqual(['csp-api-token']);
  });

  it('let each service write to its own log group only', () => {
    for (const kind of ['api', 'worker']) {
      const allowed = resourcesByAction(statementsOf(stack, `${NAMES.prefix}-${kind}-execution`));
      expect(allowed['logs:PutLogEvents']).toEqual([`\${aws_cloudwatch_log_group.${kind}-log-group.arn}:*`]);
      expect(allowed['logs:CreateLogStream']).toEqual(allowed['logs:PutLogEvents']);
    }
  });

  it('let the API do to the table what the store does, and nothing else', () => {
    const allowed = resourcesByAction(statementsOf(stack, `${NAMES.apiService}-task`));
    const onTable = Object.keys(allowed).filter((action) => action.startsWith('dynamodb:'));

    expect(onTable.sort()).toEqual(actionsInStore());
    for (const action of onTable.filter((one) => one !== 'dynamodb:Query')) {
      expect(allowed[action]).toEqual([expect.stringMatching(/^\$\{.*aws_dynamodb_table.*arn\}$/)]);
    }
  });

  it('let the worker do the same, but for the scan that initialises a table', () => {
    const allowed = resourcesByAction(statementsOf(stack, `${NAMES.workerService}-task`));
    expect(Object.keys(allowed).sort()).toEqual(
      actionsInStore().filter((action) => action !== 'dynamodb:Scan'),
    );
  });

  it('let the API query all three indexes, the worker the one that jobs read', () => {
    const { statusIndex, trackIndex, nameIndex } = ENVIRONMENTS.dev.tableNames;
    const indexesOf = (role: string): (string | undefined)[] =>
      statementsOf(stack, role)
        .filter(({ Action, Condition }) => Action.includes('dynamodb:Query') && Condition === undefined)
        .flatMap(({ Resource }) => Resource.map((arn) => arn.split('/index/')[1]));

    expect(indexesOf(`${NAMES.apiService}-task`)).toEqual([statusIndex, trackIndex, nameIndex]);
    expect(indexesOf(`${NAMES.workerService}-task`)).toEqual([statusIndex]);
  });
});

describe('the names', () => {
  it.each(Object.values(ENVIRONMENTS))(
    'of the load balancer in $name fit into 32 characters',
    (environment) => {
      const synthesized = synthesizeServiceStack(environment);
      const { name: loadBalancer } = onlyResource<{ name: string }>(synthesized, 'aws_lb');

      expect(loadBalancer.length).toBeLessThanOrEqual(32);
    },
  );
});

describe('the services', () => {
  it('are waited for until a deployment that fails has gone back, within the hour that the workflow has', () => {
    for (const service of Object.values(
      resources<{ timeouts: object }>(synthesizeServiceStack(), 'aws_ecs_service'),
    )) {
      expect(service.timeouts).toEqual({ create: '30m', update: '30m', delete: '30m' });
    }
  });
});

/** The IAM actions of every call and every part of a transaction that the store's source makes, sorted. */
function actionsInStore(): string[] {
  const folder = join(__dirname, '../../app/store');
  const source = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const calls = [...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name);
  const parts = [...source.matchAll(/^\s+(Put|Update|Delete|ConditionCheck): \{/gm)].map(
    ([, part]) => `${part}Item`,
  );
  // A transaction needs the action of each part, and none of its own.
  const names = [...calls, ...parts].filter((name) => name !== 'TransactWriteItems');
  return [...new Set(names.map((name) => `dynamodb:${name}`))].sort();
}
