import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Construct } from 'constructs';
import { ANYWHERE, type SubnetPlace, type ZonedSubnet } from './zoned-subnet';

export interface PublicSubnetsProps {
  namePrefix: string;
  vpc: Vpc;
  places: SubnetPlace[];
}

/**
 * One subnet in each place, with a route to and from the internet. Only the load balancer and the NAT gateways live
 * here; nothing gets a public address unless it asks for one.
 */
export class PublicSubnets extends Construct {
  /** In the order of the places. */
  readonly subnets: ZonedSubnet[];
  readonly internetGateway: InternetGateway;

  constructor(scope: Construct, id: string, props: PublicSubnetsProps) {
    super(scope, id);
    const { namePrefix, vpc } = props;

    this.internetGateway = new InternetGateway(this, 'internet-gateway', {
      vpcId: vpc.id,
      tags: { Name: namePrefix },
    });
    const routeTable = new RouteTable(this, 'route-table', {
      vpcId: vpc.id,
      tags: { Name: `${namePrefix}-public` },
    });
    new Route(this, 'internet-route', {
      routeTableId: routeTable.id,
      destinationCidrBlock: ANYWHERE,
      gatewayId: this.internetGateway.id,
    });

    this.subnets = props.places.map(({ availabilityZoneId, cidrBlock }) => {
      const subnet = new Subnet(this, `subnet-${availabilityZoneId}`, {
        vpcId: vpc.id,
        availabilityZoneId,
        cidrBlock,
        mapPublicIpOnLaunch: false,
        tags: { Name: `${namePrefix}-public-${availabilityZoneId}` },
      });
      new RouteTableAssociation(this, `association-${availabilityZoneId}`, {
        subnetId: subnet.id,
        routeTableId: routeTable.id,
      });
      return { availabilityZoneId, subnet };
    });
  }
}
