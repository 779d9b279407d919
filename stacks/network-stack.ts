import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import { Fn, TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { BrokerStack } from './constructs/broker-stack';
import { AccessLogBucket } from './constructs/logs/access-log-bucket';
import { RefusedConnectionsLog } from './constructs/logs/refused-connections-log';
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
 * Where the services run: two zones, a public subnet in each for the load balancer and a private one for the tasks, and
 * where the logs of who came lie. Tasks have no public address; they reach DynamoDB, and the images are pulled, without
 * leaving AWS's network.
 */
export class NetworkStack extends BrokerStack {
  readonly vpc: Vpc;
  readonly publicSubnets: Subnet[];
  readonly privateSubnets: Subnet[];
  readonly accessLogs: S3Bucket;

  constructor(scope: Construct, settings: DeploymentSettings) {
    super(scope, 'network', settings);
    const namePrefix = this.names.prefix;
    const { vpcCidrBlock } = this.environment;
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
        natGateway: natGateways.forZone(place.availabilityZoneId),
      })),
    });
    for (const service of ['dynamodb', 's3']) this.gatewayEndpoint(service, vpc, privateSubnets);
    const accessLogs = this.accessLogBucket();
    new RefusedConnectionsLog(this, 'flow-log', { name: namePrefix, vpc, bucket: accessLogs });

    this.vpc = vpc;
    this.publicSubnets = publicSubnets.subnets.map(({ subnet }) => subnet);
    this.privateSubnets = privateSubnets.subnets;
    this.accessLogs = accessLogs.resource;
    new TerraformOutput(this, 'egress_addresses', {
      description: 'The addresses from which the portal sees our calls, for its list of those it lets in.',
      value: natGateways.publicIps,
    });
    new TerraformOutput(this, 'access_log_bucket', {
      description: 'Where the logs of the load balancer, the firewall and the network lie.',
      value: accessLogs.resource.bucket,
    });
  }

  private accessLogBucket(): AccessLogBucket {
    const { awsRegion, accessLogRetentionDays, isProduction } = this.environment;
    return new AccessLogBucket(this, 'access-logs', {
      namePrefix: this.names.prefix,
      accountId: new DataAwsCallerIdentity(this, 'account').accountId,
      awsRegion,
      retentionDays: accessLogRetentionDays,
      deleteWithLogs: !isProduction,
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
    const { availabilityZoneIds, vpcCidrBlock } = this.environment;
    return availabilityZoneIds.map((availabilityZoneId, index) => ({
      availabilityZoneId,
      cidrBlock: Fn.cidrsubnet(vpcCidrBlock, SUBNET_BITS, firstNumber + index),
    }));
  }
}
