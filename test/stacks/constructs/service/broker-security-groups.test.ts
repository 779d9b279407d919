import { type Environment, ENVIRONMENTS } from '../../../../stacks/environments';
import { API_PORT } from '../../../../stacks/ports';
import { synthesizeServiceStack } from '../../service-stack-fixture';
import { resources } from '../../synthesized';

interface Rule {
  security_group_id: string;
  referenced_security_group_id?: string;
  cidr_ipv4?: string;
  ip_protocol: string;
  from_port: number;
  to_port: number;
  description: string;
}

const ANYWHERE = '0.0.0.0/0';
/** What AWS takes in the descriptions of security groups and their rules. */
const ALLOWED_IN_DESCRIPTIONS = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

const environments: [string, Environment][] = Object.entries(ENVIRONMENTS);

describe.each(environments)('the security groups of %s', (_name, environment) => {
  const stack = synthesizeServiceStack(environment);
  const nameByReference = new Map(
    Object.entries(resources<{ tags: { Name: string } }>(stack, 'aws_security_group')).map(
      ([id, { tags }]) => [
        `\${aws_security_group.${id}.id}`,
        tags.Name.slice(`sandbox-broker-${environment.name}-`.length),
      ],
    ),
  );

  /** Each rule as `member <arrow> peer on ports`, sorted. */
  function connections(type: string, arrow: string): string[] {
    return Object.values(resources<Rule>(stack, type))
      .map((rule) => {
        const peer = rule.cidr_ipv4 ?? nameByReference.get(rule.referenced_security_group_id ?? '');
        const member = nameByReference.get(rule.security_group_id);
        return `${String(member)} ${arrow} ${String(peer)} on ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}`;
      })
      .sort();
  }

  it('let in anyone over HTTP and HTTPS to the load balancer, it alone to the API, and nobody to the worker', () => {
    expect(connections('aws_vpc_security_group_ingress_rule', 'from')).toEqual([
      `api from load-balancer on tcp ${API_PORT}-${API_PORT}`,
      `load-balancer from ${ANYWHERE} on tcp 443-443`,
      `load-balancer from ${ANYWHERE} on tcp 80-80`,
    ]);
  });

  it('let out the load balancer to the API only, and the tasks to the ports of the environment', () => {
    const { from, to } = environment.egressPorts;
    expect(connections('aws_vpc_security_group_egress_rule', 'to')).toEqual([
      `api to ${ANYWHERE} on tcp ${from}-${to}`,
      `load-balancer to api on tcp ${API_PORT}-${API_PORT}`,
      `worker to ${ANYWHERE} on tcp ${from}-${to}`,
    ]);
  });

  it('have no rule written into them, and no other resource adds one', () => {
    for (const group of Object.values(resources(stack, 'aws_security_group'))) {
      expect(group).not.toHaveProperty('ingress');
      expect(group).not.toHaveProperty('egress');
    }
    expect(resources(stack, 'aws_security_group_rule')).toEqual({});
  });

  it('have descriptions, and so have their rules, that AWS takes', () => {
    const described = [
      'aws_security_group',
      'aws_vpc_security_group_ingress_rule',
      'aws_vpc_security_group_egress_rule',
    ].flatMap((type) => Object.values(resources<{ description: string }>(stack, type)));

    expect(described).toHaveLength(9);
    for (const { description } of described) expect(description).toMatch(ALLOWED_IN_DESCRIPTIONS);
  });

  it('can be replaced: a new one has another name, and is there before the old one goes', () => {
    const groups = Object.values(
      resources<{ name_prefix: string; lifecycle: object }>(stack, 'aws_security_group'),
    );

    expect(groups).toHaveLength(3);
    for (const group of groups) {
      expect(group.name_prefix).toMatch(new RegExp(`^sandbox-broker-${environment.name}-[a-z-]+-$`));
      expect(group).not.toHaveProperty('name');
      expect(group.lifecycle).toEqual({ create_before_destroy: true });
    }
  });

  it('cut off no task when one is replaced: a rule that names it is replaced with it, and goes after the services moved', () => {
    const reference = (member: string): string =>
      Object.keys(resources(stack, 'aws_security_group'))
        .map((id) => `aws_security_group.${id}.id`)
        .find((candidate) => nameByReference.get(`\${${candidate}}`) === member) ?? '';
    const rules = ['ingress', 'egress'].flatMap((direction) =>
      Object.entries(
        resources<Rule & { lifecycle: { create_before_destroy: boolean; replace_triggered_by?: string[] } }>(
          stack,
          `aws_vpc_security_group_${direction}_rule`,
        ),
      ).map(([id, rule]) => ({ address: `aws_vpc_security_group_${direction}_rule.${id}`, ...rule })),
    );

    expect(rules).toHaveLength(6);
    for (const { lifecycle, referenced_security_group_id: peer } of rules) {
      const member = nameByReference.get(peer ?? '');
      expect(lifecycle).toEqual({
        create_before_destroy: true,
        ...(member === undefined ? {} : { replace_triggered_by: [reference(member)] }),
      });
    }
    for (const service of Object.values(resources<{ depends_on: string[] }>(stack, 'aws_ecs_service'))) {
      expect(service.depends_on).toEqual(expect.arrayContaining(rules.map(({ address }) => address)));
    }
  });
});
