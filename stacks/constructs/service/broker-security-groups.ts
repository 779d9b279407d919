import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { API_PORT } from '../../ports';
import { ANYWHERE } from '../network/zoned-subnet';

const NEW_ONE_FIRST = { createBeforeDestroy: true } as const;

export interface BrokerSecurityGroupsProps {
  namePrefix: string;
  vpc: Vpc;
  /** The ports outside that the tasks may reach over TCP. */
  egressPorts: { from: number; to: number };
}

/**
 * Who may open a connection to whom: anyone to the load balancer over HTTP and HTTPS, the load balancer to the API,
 * the API and the worker outwards. Nothing else, and nobody to the worker. Each rule is a resource of its own: groups
 * that name each other in inline rules would need each other to exist first, and a change would rewrite all rules.
 *
 * They are in the stack of what uses them, and a new one gets another name and exists before the old one goes: AWS deletes
 * no group that something is still in, and no deploy of another stack could take it out.
 */
export class BrokerSecurityGroups extends Construct {
  readonly loadBalancer: SecurityGroup;
  readonly api: SecurityGroup;
  readonly worker: SecurityGroup;
  /** A service depends on them: without them its tasks reach nothing, and nobody reaches them. */
  readonly rules: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, props: BrokerSecurityGroupsProps) {
    super(scope, id);
    // AWS takes no apostrophes in the descriptions of groups and rules.
    const group = (member: string, description: string): SecurityGroup => {
      const name = `${props.namePrefix}-${member}`;
      return new SecurityGroup(this, member, {
        namePrefix: `${name}-`,
        description,
        vpcId: props.vpc.id,
        tags: { Name: name },
        lifecycle: NEW_ONE_FIRST,
      });
    };
    this.loadBalancer = group('load-balancer', 'The load balancer: open to anyone, reaches only the API');
    this.api = group('api', 'Tasks of the API: open to the load balancer only');
    this.worker = group('worker', 'Tasks of the worker: open to nobody');

    this.letAnyoneInTo(
      this.loadBalancer,
      80,
      'HTTP from anyone: refused, but for the console, when there is HTTPS',
    );
    this.letAnyoneInTo(this.loadBalancer, 443, 'HTTPS from anyone');
    this.letLoadBalancerReachApi();
    this.letOut(this.api, 'api', props.egressPorts);
    this.letOut(this.worker, 'worker', props.egressPorts);
  }

  private letAnyoneInTo(group: SecurityGroup, port: number, description: string): void {
    const rule = new VpcSecurityGroupIngressRule(this, `anyone-to-load-balancer-${port}`, {
      securityGroupId: group.id,
      cidrIpv4: ANYWHERE,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description,
      lifecycle: NEW_ONE_FIRST,
    });
    this.rules.push(rule);
  }

  private letLoadBalancerReachApi(): void {
    const onApiPort = { ipProtocol: 'tcp', fromPort: API_PORT, toPort: API_PORT };
    const out = new VpcSecurityGroupEgressRule(this, 'load-balancer-to-api', {
      securityGroupId: this.loadBalancer.id,
      referencedSecurityGroupId: this.api.id,
      ...onApiPort,
      description: 'Requests and health checks to the API',
      lifecycle: newOneFor(this.api),
    });
    const into = new VpcSecurityGroupIngressRule(this, 'api-from-load-balancer', {
      securityGroupId: this.api.id,
      referencedSecurityGroupId: this.loadBalancer.id,
      ...onApiPort,
      description: 'Requests and health checks from the load balancer',
      lifecycle: newOneFor(this.loadBalancer),
    });
    this.rules.push(out, into);
  }

  /** Names are resolved by the VPC itself, which no security group stands in the way of: no rule for DNS. */
  private letOut(group: SecurityGroup, member: string, ports: { from: number; to: number }): void {
    const rule = new VpcSecurityGroupEgressRule(this, `${member}-to-anywhere`, {
      securityGroupId: group.id,
      cidrIpv4: ANYWHERE,
      ipProtocol: 'tcp',
      fromPort: ports.from,
      toPort: ports.to,
      description: 'AWS and the portal',
      lifecycle: NEW_ONE_FIRST,
    });
    this.rules.push(rule);
  }
}

/**
 * A rule that names another group is replaced with that group, rather than changed: the old rule stays until the services,
 * which depend on the rules, have moved to the new group, and no task is cut off meanwhile.
 */
function newOneFor(group: SecurityGroup): typeof NEW_ONE_FIRST & { replaceTriggeredBy: string[] } {
  // A bare reference, which is all that Terraform takes here.
  const id = `${group.terraformResourceType}.${group.friendlyUniqueId}.id`;
  return { ...NEW_ONE_FIRST, replaceTriggeredBy: [id] };
}
