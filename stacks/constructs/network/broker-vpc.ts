import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Construct } from 'constructs';

export interface BrokerVpcProps {
  name: string;
  cidrBlock: string;
}

/**
 * The VPC, empty. It resolves names, which the gateway endpoint and the AWS SDKs need. AWS gives every VPC a security
 * group that lets its members reach each other and everything outside, and that whoever names none gets by accident:
 * this one lets nothing in or out.
 */
export class BrokerVpc extends Construct {
  readonly resource: Vpc;

  constructor(scope: Construct, id: string, props: BrokerVpcProps) {
    super(scope, id);

    this.resource = new Vpc(this, 'Default', {
      cidrBlock: props.cidrBlock,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: props.name },
    });
    // Terraform adopts the group that AWS made and removes every rule that is not given here.
    new DefaultSecurityGroup(this, 'default-security-group', {
      vpcId: this.resource.id,
      tags: { Name: `${props.name}-default-closed` },
    });
  }
}
