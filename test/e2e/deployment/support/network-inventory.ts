import {
  DescribeAddressesCommand,
  paginateDescribeFlowLogs,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
  type EC2Client,
  type NatGateway,
} from '@aws-sdk/client-ec2';
import { all, defined, type InventoryKind } from './inventory-kind';

/** What a VPC is made of. */
export const NETWORK_KINDS: Record<string, InventoryKind> = {
  vpc: {
    terraformTypes: ['aws_vpc'],
    list: ({ ec2: client }) =>
      all(paginateDescribeVpcs({ client }, {}), ({ Vpcs }) => Vpcs?.map((one) => one.VpcId)),
  },
  subnet: {
    terraformTypes: ['aws_subnet'],
    list: ({ ec2: client }) =>
      all(paginateDescribeSubnets({ client }, {}), ({ Subnets }) => Subnets?.map((one) => one.SubnetId)),
  },
  'internet gateway': {
    terraformTypes: ['aws_internet_gateway'],
    list: ({ ec2: client }) =>
      all(paginateDescribeInternetGateways({ client }, {}), ({ InternetGateways }) =>
        InternetGateways?.map((one) => one.InternetGatewayId),
      ),
  },
  'NAT gateway': {
    terraformTypes: ['aws_nat_gateway'],
    list: ({ ec2: client }) =>
      all(paginateDescribeNatGateways({ client }, {}), ({ NatGateways }) =>
        NatGateways?.filter((one) => !isDeleted(one)).map((one) => one.NatGatewayId),
      ),
  },
  address: {
    terraformTypes: ['aws_eip'],
    list: async ({ ec2 }) =>
      defined((await ec2.send(new DescribeAddressesCommand({}))).Addresses?.map((one) => one.AllocationId)),
  },
  'route table': {
    terraformTypes: ['aws_route_table', 'aws_route', 'aws_route_table_association'],
    list: ({ ec2: client }) =>
      all(paginateDescribeRouteTables({ client }, {}), ({ RouteTables }) =>
        RouteTables?.map((one) => one.RouteTableId),
      ),
  },
  'security group': {
    // The default one lives and dies with its VPC.
    terraformTypes: ['aws_security_group', 'aws_default_security_group'],
    list: ({ ec2: client }) =>
      all(paginateDescribeSecurityGroups({ client }, {}), ({ SecurityGroups }) =>
        SecurityGroups?.map((one) => one.GroupId),
      ),
  },
  'security group rule': {
    terraformTypes: ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'],
    list: ({ ec2: client }) =>
      all(paginateDescribeSecurityGroupRules({ client }, {}), ({ SecurityGroupRules }) =>
        SecurityGroupRules?.map((one) => one.SecurityGroupRuleId),
      ),
  },
  'VPC endpoint': {
    terraformTypes: ['aws_vpc_endpoint', 'aws_vpc_endpoint_route_table_association'],
    list: ({ ec2: client }) =>
      all(paginateDescribeVpcEndpoints({ client }, {}), ({ VpcEndpoints }) =>
        VpcEndpoints?.filter((one) => String(one.State) !== 'deleted').map((one) => one.VpcEndpointId),
      ),
  },
  'flow log': {
    terraformTypes: ['aws_flow_log'],
    list: ({ ec2: client }) =>
      all(paginateDescribeFlowLogs({ client }, {}), ({ FlowLogs }) => FlowLogs?.map((one) => one.FlowLogId)),
  },
  'network interface': {
    terraformTypes: [],
    list: ({ ec2 }) => listNetworkInterfaces(ec2),
  },
};

async function listNetworkInterfaces(client: EC2Client): Promise<string[]> {
  const interfaces = await all(paginateDescribeNetworkInterfaces({ client }, {}), ({ NetworkInterfaces }) =>
    NetworkInterfaces?.map((one) => one.NetworkInterfaceId),
  );
  // The emulator keeps the interface of a NAT gateway that was deleted; AWS deletes it as well.
  const orphans = await all(paginateDescribeNatGateways({ client }, {}), ({ NatGateways }) =>
    NatGateways?.filter(isDeleted).flatMap((one) =>
      one.NatGatewayAddresses?.map((at) => at.NetworkInterfaceId),
    ),
  );
  return interfaces.filter((id) => !orphans.includes(id));
}

/** It is shown for an hour. */
function isDeleted({ State }: NatGateway): boolean {
  return State === 'deleted';
}
