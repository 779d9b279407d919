import type { ResourceChange, StackPlan } from './stack-plan';

/** A change that Terraform plans although nothing has changed, because the emulator did not keep what it was told. */
export interface EmulatorDifference {
  /** The stack's name without application and environment. */
  component: 'network' | 'data' | 'service' | 'rollback';
  address: string;
  attribute: string;
  /** What moto 5.2.1 does; AWS keeps all of these. */
  reason: string;
}

const RULE_DESCRIPTION = 'moto drops the description of a rule that names a group instead of addresses.';

/**
 * All of them, one by one. A change that is not listed fails the tests, and so does one that is listed but no longer
 * there: the list says exactly what cannot be tested here.
 */
export const EMULATOR_DIFFERENCES: readonly EmulatorDifference[] = [
  {
    component: 'service',
    address: 'aws_vpc_security_group_egress_rule.security-group_load-balancer-to-api_A152F803',
    attribute: 'description',
    reason: RULE_DESCRIPTION,
  },
  {
    component: 'service',
    address: 'aws_vpc_security_group_ingress_rule.security-group_api-from-load-balancer_9761E40B',
    attribute: 'description',
    reason: RULE_DESCRIPTION,
  },
];

/** The differences of the stack, as `address attribute`, sorted. */
export function differencesOf(stack: string): string[] {
  return EMULATOR_DIFFERENCES.filter(({ component }) => stack.endsWith(`-${component}`))
    .map(({ address, attribute }) => `${address} ${attribute}`)
    .sort();
}

/** What a plan would change, attribute by attribute, in the same form; anything but an update with its actions. */
export function changesOf({ changes, outputs }: Pick<StackPlan, 'changes' | 'outputs'>): string[] {
  const ofResource = ({ address, actions, attributes }: ResourceChange): string[] =>
    actions.join() === 'update'
      ? attributes.map((attribute) => `${address} ${attribute}`)
      : [`${address} (${actions.join(', ')})`];
  return [...changes.flatMap(ofResource), ...outputs.map((name) => `output ${name}`)].sort();
}
