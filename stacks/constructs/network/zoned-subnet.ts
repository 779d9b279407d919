import type { Subnet } from '@cdktf/provider-aws/lib/subnet';

/** Every IPv4 address: where a default route leads, and whom a public port lets in. */
export const ANYWHERE = '0.0.0.0/0';

/** Where a subnet is to lie. */
export interface SubnetPlace {
  availabilityZoneId: string;
  /** A part of the VPC's addresses that no other subnet has. */
  cidrBlock: string;
}

/** A subnet, and the zone it lies in. */
export interface ZonedSubnet {
  availabilityZoneId: string;
  subnet: Subnet;
}
