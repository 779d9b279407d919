import { Eip } from '@cdktf/provider-aws/lib/eip';
import type { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { NatGateway } from '@cdktf/provider-aws/lib/nat-gateway';
import { Construct } from 'constructs';
import type { ZonedSubnet } from './zoned-subnet';

export interface NatGatewaysProps {
  namePrefix: string;
  /** Public ones, at least one; each gets a gateway. */
  publicSubnets: ZonedSubnet[];
  internetGateway: InternetGateway;
}

/**
 * The way out for what has no public address: a NAT gateway in each given subnet, with a fixed address, so that the
 * portal's owner can let in exactly us.
 */
export class NatGateways extends Construct {
  /** The addresses from which the outside sees us. */
  readonly publicIps: string[];
  private readonly gateways: { availabilityZoneId: string; gateway: NatGateway }[];

  constructor(scope: Construct, id: string, props: NatGatewaysProps) {
    super(scope, id);

    const made = props.publicSubnets.map(({ availabilityZoneId, subnet }) => {
      const tags = { Name: `${props.namePrefix}-nat-${availabilityZoneId}` };
      // AWS wants the internet gateway attached before it makes either, and refuses to detach it while either lives.
      const dependsOn = [props.internetGateway];
      const address = new Eip(this, `address-${availabilityZoneId}`, { domain: 'vpc', tags, dependsOn });
      const gateway = new NatGateway(this, `gateway-${availabilityZoneId}`, {
        allocationId: address.allocationId,
        subnetId: subnet.id,
        tags,
        dependsOn,
      });
      return { availabilityZoneId, address, gateway };
    });
    this.gateways = made;
    this.publicIps = made.map(({ address }) => address.publicIp);
  }

  /** The zone's own gateway, or else the first one: then the zone shares it, and its failure. */
  forZone(availabilityZoneId: string): NatGateway {
    const own = this.gateways.find((candidate) => candidate.availabilityZoneId === availabilityZoneId);
    const chosen = own ?? this.gateways[0];
    if (chosen === undefined) throw new Error('There is no NAT gateway to choose from.');
    return chosen.gateway;
  }
}
