import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { Fn, TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { BrokerSecurityGroups } from './constructs/network/broker-security-groups';
import { BrokerStack } from './constructs/broker-stack';
import { BrokerVpc } from './constructs/network/broker-vpc';
import { NatGateways } from './constructs/network/nat-gateways';
import { PrivateSubnets } from './constructs/network/private-subnets';
import { PublicSubnets } from './constructs/network/public-subnets';
import type { SubnetPlace } from './constructs/network/zoned-subnet';
import type { DeploymentSettings } from './environments';

/** A VPC is cut into 2^4 equal subnets: of a /16 each gets 4,091 addresses that tasks can have. */
const SUBNET_BITS = 4;

/** Private subnets are numbered from the middle on, so that a third zone would fit in beside the others. */
const FIRST_PRIVATE_SUBNET = 2 ** (SUBNET_BITS - 1);

/**
 * Where the services run: two zones, a public subnet in each for the load balancer, a private one for the tasks, and
 * the rules of who may reach whom. Tasks have no public address; they reach DynamoDB, and the images are pulled,
 * without leaving AWS's network.
 */
export class NetworkStack extends BrokerStack {
  readonly vpc: Vpc;
  readonly publicSubnets: Subnet[];
  readonly privateSubnets: Subnet[];
  readonly loadBalancerSecurityGroup: SecurityGroup;
  readonly apiSecurityGroup: SecurityGroup;
  readonly workerSecurityGroup: SecurityGroup;

  constructor(scope: Construct, settings: DeploymentSettings) {
    super(scope, 'network', settings);
    const namePrefix = this.names.prefix;
    const { vpcCidrBlock, egressPorts } = this.environment;
    const vpc = new BrokerVpc(this, 'vpc', { name: namePrefix, cidrBlock: vpcCidrBlock }).resource;
    const publicSubnets = new PublicSubnets(this, 'public-subnets', {
      namePrefix,
      vpc,
      places: this.subnetPlaces(0),
    });
    const natGateways = new NatGateways(this, 'nat', {
      namePrefix,
      publicSubnets:
        this.environment.natGateways === 'one' ? publicSubnets.subnets.slice(0, 1) : publicSubnets.subnets,
      internetGateway: publicSubnets.internetGateway,
    });
    const privateSubnets = new PrivateSubnets(this, 'private-subnets', {
      namePrefix,
      vpc,
      places: this.subnetPlaces(FIRST_PRIVATE_SUBNET).map((place) => ({
        ...place,
        natGateway: natGateways.forZone(place.availabilityZone),
      })),
    });
    for (const service of ['dynamodb', 's3']) this.gatewayEndpoint(service, vpc, privateSubnets);
    const groups = new BrokerSecurityGroups(this, 'security-group', { namePrefix, vpc, egressPorts });

    this.vpc = vpc;
    this.publicSubnets = publicSubnets.subnets.map(({ subnet }) => subnet);
    this.privateSubnets = privateSubnets.subnets;
    this.loadBalancerSecurityGroup = groups.loadBalancer;
    this.apiSecurityGroup = groups.api;
    this.workerSecurityGroup = groups.worker;
    new TerraformOutput(this, 'egress_addresses', {
      description: 'The addresses from which the portal sees our calls, for its list of those it lets in.',
      value: natGateways.publicIps,
    });
  }

  /**
   * A way to DynamoDB or S3 (where the layers of our images lie) that costs nothing and passes no NAT gateway. Its
   * policy stays AWS's default, which adds no limit: what a task may do is said in its role, and a policy here would
   * stop nobody who goes around it by the route to the internet.
   */
  private gatewayEndpoint(service: string, vpc: Vpc, privateSubnets: PrivateSubnets): void {
    new VpcEndpoint(this, `${service}-endpoint`, {
      vpcId: vpc.id,
      serviceName: `com.amazonaws.${this.environment.awsRegion}.${service}`,
      vpcEndpointType: 'Gateway',
      routeTableIds: privateSubnets.routeTables.map((routeTable) => routeTable.id),
      tags: { Name: `${this.names.prefix}-${service}` },
    });
  }

  /** A subnet in each zone, numbered from the given one. Subnets with different numbers share no address. */
  private subnetPlaces(firstNumber: number): SubnetPlace[] {
    const { availabilityZones, vpcCidrBlock } = this.environment;
    return availabilityZones.map((availabilityZone, index) => ({
      availabilityZone,
      cidrBlock: Fn.cidrsubnet(vpcCidrBlock, SUBNET_BITS, firstNumber + index),
    }));
  }
}
