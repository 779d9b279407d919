import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { NotACountError, type DesiredCountParameter } from './desired-count-parameter';
import { SSM_CALL_MS } from './time-budget';

/** The {@link DesiredCountParameter} in the Systems Manager's parameter store. */
export class SsmDesiredCountParameter implements DesiredCountParameter {
  constructor(
    private readonly client: SSMClient,
    private readonly name: string,
  ) {}

  async read(): Promise<number> {
    const command = new GetParameterCommand({ Name: this.name });
    const { Parameter: parameter } = await this.client.send(command, callLimit());
    const text = parameter?.Value ?? '';
    if (!/^\d{1,4}$/.test(text)) {
      throw new NotACountError(`the parameter ${this.name} holds "${text.slice(0, 40)}", which is no count`);
    }
    return Number(text);
  }

  async write(desiredCount: number): Promise<void> {
    // Type and tags stay as Terraform made them.
    const command = new PutParameterCommand({
      Name: this.name,
      Value: String(desiredCount),
      Overwrite: true,
    });
    await this.client.send(command, callLimit());
  }
}

function callLimit(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(SSM_CALL_MS) };
}
