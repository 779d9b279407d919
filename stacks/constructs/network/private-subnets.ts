import type { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Construct } from 'constructs';
import { ANYWHERE, type SubnetPlace } from './zoned-subnet';

export interface PrivateSubnetsProps {
  namePrefix: string;
  vpc: Vpc;
  /** `natGateway`: the way out of this subnet. Subnets may share one. */
  places: (SubnetPlace & { natGateway: NatGateway })[];
}

/** One subnet in each place, which the internet cannot reach and which reaches it through its NAT gateway. */
export class PrivateSubnets extends Construct {
  /** In the order of the places. */
  readonly subnets: Subnet[];
  /** One for each subnet, also when all share a NAT gateway: giving each its own later then changes one route. */
  readonly routeTables: RouteTable[];

  constructor(scope: Construct, id: string, props: PrivateSubnetsProps) {
    super(scope, id);

    const made = props.places.map(({ availabilityZoneId, cidrBlock, natGateway }) => {
      const tags = { Name: `${props.namePrefix}-private-${availabilityZoneId}` };
      const subnet = new Subnet(this, `subnet-${availabilityZoneId}`, {
        vpcId: props.vpc.id,
        availabilityZoneId,
        cidrBlock,
        mapPublicIpOnLaunch: false,
        tags,
      });
      const routeTable = new RouteTable(this, `route-table-${availabilityZoneId}`, {
        vpcId: props.vpc.id,
        tags,
      });
      new Route(this, `nat-route-${availabilityZoneId}`, {
        routeTableId: routeTable.id,
        destinationCidrBlock: ANYWHERE,
        natGatewayId: natGateway.id,
      });
      new RouteTableAssociation(this, `association-${availabilityZoneId}`, {
        subnetId: subnet.id,
        routeTableId: routeTable.id,
      });
      return { subnet, routeTable };
    });
    this.subnets = made.map(({ subnet }) => subnet);
    this.routeTables = made.map(({ routeTable }) => routeTable);
  }
}
