import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import { Fn, Token } from 'cdktf';
import { Construct } from 'constructs';

/**
 * How many workers are wanted: 1, or 0 after a rollback. The number lives in an SSM parameter, which Terraform creates
 * as 1 and from then on only reads. So the rollback and people may change it, and the next deploy keeps what they chose
 * instead of starting a worker that was stopped for a reason.
 */
export class WorkerDesiredCount extends Construct {
  readonly parameter: SsmParameter;
  /** For the worker service's `desired_count`. */
  readonly value: number;

  constructor(scope: Construct, id: string, props: { parameterName: string }) {
    super(scope, id);
    this.parameter = new SsmParameter(this, 'Default', {
      name: props.parameterName,
      description:
        'How many worker tasks are wanted: 1, or 0 after a rollback. Terraform reads it at each deploy and never ' +
        'changes it. Change it together with the desired count of the worker service.',
      type: 'String',
      // The plain form: as `value` it would be a secret to Terraform, and with it the service's desired count.
      insecureValue: '1',
      // Never 2: two workers would only wait for each other's leases.
      allowedPattern: '^[01]$',
      lifecycle: { ignoreChanges: ['insecure_value'] },
    });
    this.value = Token.asNumber(Fn.tonumber(this.parameter.insecureValue));
  }
}
