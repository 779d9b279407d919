import { type Environment, ENVIRONMENTS } from '../../stacks/environments';
import { NetworkStack } from '../../stacks/network-stack';
import { onlyResource, resources, type SynthesizedStack, synthesizeStack } from './synthesized';

interface Subnet {
  availability_zone_id: string;
  cidr_block: string;
  map_public_ip_on_launch: boolean;
}

const ANYWHERE = '0.0.0.0/0';

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
  const zones = [...environment.availabilityZoneIds];

  it('are a public and a private one in each zone', () => {
    const zonesOf = (some: RoutedSubnet[]): string[] => some.map((subnet) => subnet.availability_zone_id);
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
        return [subnet.availability_zone_id, itsSubnet?.availability_zone_id];
      });
  }

  it('are one in dev, in a public subnet, which both zones share', () => {
    expect(Object.keys(resources(synthesize(ENVIRONMENTS.dev), 'aws_nat_gateway'))).toHaveLength(1);
    expect(zonesOfWaysOut(ENVIRONMENTS.dev)).toEqual([
      ['use1-az1', 'use1-az1'],
      ['use1-az2', 'use1-az1'],
    ]);
  });

  it("are one in each zone's public subnet in prod, so that no zone needs another", () => {
    expect(Object.keys(resources(synthesize(ENVIRONMENTS.prod), 'aws_nat_gateway'))).toHaveLength(2);
    expect(zonesOfWaysOut(ENVIRONMENTS.prod)).toEqual([
      ['use1-az1', 'use1-az1'],
      ['use1-az2', 'use1-az2'],
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

describe.each(environments)('the security group that AWS makes in %s', (_name, environment) => {
  const stack = synthesize(environment);

  it('has no rule, for whoever names no other', () => {
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

describe.each(environments)('the access logs of %s', (_name, environment) => {
  const stack = synthesize(environment);

  interface Statement {
    sid: string;
    effect: string;
    actions: string[];
    resources: string[];
    principals: { type: string; identifiers: string[] }[];
    condition?: { test: string; variable: string; values: string[] }[];
  }

  const statements = (): Statement[] =>
    onlyResource<{ statement: Statement[] }>(stack, 'aws_iam_policy_document', 'data').statement;

  it('lie in a bucket whose name the firewall accepts and no other account has', () => {
    const { bucket } = onlyResource<{ bucket: string }>(stack, 'aws_s3_bucket');
    expect(bucket).toMatch(
      new RegExp(
        `^aws-waf-logs-sandbox-broker-${environment.name}-\\$\\{data\\.aws_caller_identity\\..+\\.account_id\\}-${environment.awsRegion}$`,
      ),
    );
    // The number of an account has 12 digits; S3 takes names of 63 characters.
    expect(bucket.replace(/\$\{.*\}/, '1'.repeat(12)).length).toBeLessThanOrEqual(63);
  });

  it('are deleted after their days, and so is what broke off', () => {
    expect(onlyResource(stack, 'aws_s3_bucket_lifecycle_configuration')).toMatchObject({
      rule: [
        {
          status: 'Enabled',
          expiration: [{ days: environment.accessLogRetentionDays }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
        },
      ],
    });
  });

  it('are for nobody else: not public, encrypted, and never read without TLS', () => {
    expect(onlyResource(stack, 'aws_s3_bucket_public_access_block')).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    // The only kind into which a load balancer can write.
    expect(onlyResource(stack, 'aws_s3_bucket_server_side_encryption_configuration')).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
    });
    expect(statements().filter(({ effect }) => effect === 'Deny')).toEqual([
      expect.objectContaining({
        actions: ['s3:*'],
        principals: [{ type: '*', identifiers: ['*'] }],
        condition: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
      }),
    ]);
  });

  it('are written by services of AWS only, below the number of this account, and by nobody for another account', () => {
    const writers = statements().filter(({ actions }) => actions.includes('s3:PutObject'));

    expect(writers.flatMap(({ principals }) => principals.flatMap(({ identifiers }) => identifiers))).toEqual(
      ['logdelivery.elasticloadbalancing.amazonaws.com', 'delivery.logs.amazonaws.com'],
    );
    for (const { resources: places } of writers) {
      expect(places).toEqual([expect.stringMatching(/\/AWSLogs\/\$\{data\.aws_caller_identity\..+\}\/\*$/)]);
    }
    const ofLogDelivery = statements().filter(({ principals }) =>
      principals.some(({ identifiers }) => identifiers.includes('delivery.logs.amazonaws.com')),
    );
    for (const { condition } of ofLogDelivery) {
      const variables = condition?.map(({ variable }) => variable);
      expect(variables).toEqual(expect.arrayContaining(['aws:SourceAccount', 'aws:SourceArn']));
    }
  });

  it('hold of the network what it refused, once the bucket lets AWS write', () => {
    const [policy] = Object.keys(resources(stack, 'aws_s3_bucket_policy'));
    expect(onlyResource(stack, 'aws_flow_log')).toMatchObject({
      traffic_type: 'REJECT',
      log_destination_type: 's3',
      max_aggregation_interval: 600,
      depends_on: [`aws_s3_bucket_policy.${String(policy)}`],
    });
  });

  it('go with the environment, but for those of production', () => {
    expect(onlyResource(stack, 'aws_s3_bucket')).toMatchObject({ force_destroy: !environment.isProduction });
  });
});
