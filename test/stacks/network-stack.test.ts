import { type Environment, ENVIRONMENTS } from '../../stacks/environments';
import { NetworkStack } from '../../stacks/network-stack';
import { API_PORT } from '../../stacks/ports';
import { onlyResource, resources, type SynthesizedStack, synthesizeStack } from './synthesized';

interface Subnet {
  availability_zone: string;
  cidr_block: string;
  map_public_ip_on_launch: boolean;
}

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

function synthesize(environment: Environment): SynthesizedStack {
  return synthesizeStack((app) => new NetworkStack(app, { environment, stateBucket: undefined }));
}

/** By what other resources name a resource: the expression of its id. */
function byReference<Block>(stack: SynthesizedStack, type: string): Map<string, Block> {
  const entries = Object.entries(resources<Block>(stack, type));
  return new Map(entries.map(([id, block]) => [`\${${type}.${id}.id}`, block]));
}

/** Where a subnet's packets for everywhere else go. */
interface RoutedSubnet extends Subnet {
  reference: string;
  routeTable: string;
  gateway: string | undefined;
  natGateway: string | undefined;
}

function routedSubnets(stack: SynthesizedStack): RoutedSubnet[] {
  const routes = Object.values(
    resources<{
      route_table_id: string;
      destination_cidr_block: string;
      gateway_id?: string;
      nat_gateway_id?: string;
    }>(stack, 'aws_route'),
  );
  const associations = Object.values(
    resources<{ subnet_id: string; route_table_id: string }>(stack, 'aws_route_table_association'),
  );
  return [...byReference<Subnet>(stack, 'aws_subnet')].map(([reference, subnet]) => {
    const routeTables = associations.filter(({ subnet_id }) => subnet_id === reference);
    const routeTable = routeTables[0]?.route_table_id ?? '';
    const ways = routes.filter(({ route_table_id }) => route_table_id === routeTable);
    expect(routeTables).toHaveLength(1);
    expect(ways.map((way) => way.destination_cidr_block)).toEqual([ANYWHERE]);
    return {
      ...subnet,
      reference,
      routeTable,
      gateway: ways[0]?.gateway_id,
      natGateway: ways[0]?.nat_gateway_id,
    };
  });
}

const isPublic = (subnet: RoutedSubnet): boolean => subnet.gateway !== undefined;

describe.each(environments)('the subnets of %s', (_name, environment) => {
  const stack = synthesize(environment);
  const subnets = routedSubnets(stack);
  const zones = [...environment.availabilityZones];

  it('are a public and a private one in each zone', () => {
    const zonesOf = (some: RoutedSubnet[]): string[] => some.map((subnet) => subnet.availability_zone);
    expect(zonesOf(subnets.filter(isPublic))).toEqual(zones);
    expect(zonesOf(subnets.filter((subnet) => !isPublic(subnet)))).toEqual(zones);
  });

  it('are equal parts of the VPC that share no address', () => {
    const vpc = onlyResource<{ cidr_block: string }>(stack, 'aws_vpc');
    const parts = subnets.map(({ cidr_block }) => /^\$\{cidrsubnet\("(.+)", 4, (\d+)\)\}$/.exec(cidr_block));

    expect(parts.map((part) => part?.[1])).toEqual(subnets.map(() => vpc.cidr_block));
    expect(new Set(parts.map((part) => part?.[2])).size).toBe(4);
  });

  it('give nothing a public address that does not ask for one', () => {
    expect(subnets.map((subnet) => subnet.map_public_ip_on_launch)).toEqual([false, false, false, false]);
  });

  it('lead to the internet through its gateway when public', () => {
    const [internetGateway] = byReference(stack, 'aws_internet_gateway').keys();
    const waysOut = subnets.filter(isPublic).map(({ gateway, natGateway }) => ({ gateway, natGateway }));

    expect(internetGateway).toBeDefined();
    expect(waysOut).toEqual(waysOut.map(() => ({ gateway: internetGateway, natGateway: undefined })));
  });

  it('lead to the internet through a NAT gateway only when private', () => {
    const natGateways = byReference(stack, 'aws_nat_gateway');
    const privateOnes = subnets.filter((subnet) => !isPublic(subnet));

    expect(privateOnes.map(({ natGateway }) => natGateways.has(natGateway ?? ''))).toEqual([true, true]);
  });

  it.each(['dynamodb', 's3'])('reach %s by a gateway endpoint from every private one', (service) => {
    const endpoints = Object.values(
      resources<{ service_name: string; vpc_endpoint_type: string; route_table_ids: string[] }>(
        stack,
        'aws_vpc_endpoint',
      ),
    );
    const privateRouteTables = subnets
      .filter((subnet) => !isPublic(subnet))
      .map((subnet) => subnet.routeTable);

    expect(endpoints).toHaveLength(2);
    expect(endpoints).toContainEqual(
      expect.objectContaining({
        service_name: `com.amazonaws.${environment.awsRegion}.${service}`,
        vpc_endpoint_type: 'Gateway',
        route_table_ids: privateRouteTables,
      }),
    );
  });

  it('resolve the names of AWS', () => {
    const vpc = onlyResource(stack, 'aws_vpc');
    expect(vpc).toMatchObject({ enable_dns_support: true, enable_dns_hostnames: true });
  });
});

describe('the NAT gateways', () => {
  /** The zone of each private subnet, with the zone of the gateway that it leaves by. */
  function zonesOfWaysOut(environment: Environment): [string, string | undefined][] {
    const stack = synthesize(environment);
    const subnets = routedSubnets(stack);
    const gateways = byReference<{ subnet_id: string }>(stack, 'aws_nat_gateway');
    return subnets
      .filter((subnet) => !isPublic(subnet))
      .map((subnet) => {
        const gateway = gateways.get(subnet.natGateway ?? '');
        const itsSubnet = subnets.filter(isPublic).find(({ reference }) => reference === gateway?.subnet_id);
        return [subnet.availability_zone, itsSubnet?.availability_zone];
      });
  }

  it('are one in dev, in a public subnet, which both zones share', () => {
    expect(Object.keys(resources(synthesize(ENVIRONMENTS.dev), 'aws_nat_gateway'))).toHaveLength(1);
    expect(zonesOfWaysOut(ENVIRONMENTS.dev)).toEqual([
      ['us-east-1a', 'us-east-1a'],
      ['us-east-1b', 'us-east-1a'],
    ]);
  });

  it("are one in each zone's public subnet in prod, so that no zone needs another", () => {
    expect(Object.keys(resources(synthesize(ENVIRONMENTS.prod), 'aws_nat_gateway'))).toHaveLength(2);
    expect(zonesOfWaysOut(ENVIRONMENTS.prod)).toEqual([
      ['us-east-1a', 'us-east-1a'],
      ['us-east-1b', 'us-east-1b'],
    ]);
  });

  it.each(environments)(
    'have each an address of its own in %s, which the person who deploys is told',
    (_name, environment) => {
      const stack = synthesize(environment);
      const addresses = Object.keys(resources(stack, 'aws_eip')).map((id) => `aws_eip.${id}`);
      const gateways = Object.values(resources<{ allocation_id: string }>(stack, 'aws_nat_gateway'));

      expect(gateways.map((gateway) => gateway.allocation_id)).toEqual(
        addresses.map((address) => `\${${address}.allocation_id}`),
      );
      expect(stack.output?.egress_addresses?.value).toEqual(
        addresses.map((address) => `\${${address}.public_ip}`),
      );
    },
  );

  it.each(environments)('go before the internet gateway does in %s', (_name, environment) => {
    const stack = synthesize(environment);
    const [internetGateway] = Object.keys(resources(stack, 'aws_internet_gateway'));
    for (const type of ['aws_eip', 'aws_nat_gateway']) {
      for (const block of Object.values(resources<{ depends_on?: string[] }>(stack, type))) {
        expect(block.depends_on).toEqual([`aws_internet_gateway.${String(internetGateway)}`]);
      }
    }
  });
});

describe.each(environments)('the security groups of %s', (_name, environment) => {
  const stack = synthesize(environment);
  const nameByReference = new Map(
    [...byReference<{ name: string }>(stack, 'aws_security_group')].map(([reference, { name }]) => [
      reference,
      name.slice(`sandbox-broker-${environment.name}-`.length),
    ]),
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

  it('leave the one that AWS makes without any rule, for whoever names no other', () => {
    const group = onlyResource(stack, 'aws_default_security_group');
    const vpc = [...byReference(stack, 'aws_vpc').keys()];

    expect([(group as { vpc_id: string }).vpc_id]).toEqual(vpc);
    expect(group).not.toHaveProperty('ingress');
    expect(group).not.toHaveProperty('egress');
  });
});

describe('the ways out of production', () => {
  it('are HTTPS only', () => {
    expect(ENVIRONMENTS.prod.egressPorts).toEqual({ from: 443, to: 443 });
  });
});
