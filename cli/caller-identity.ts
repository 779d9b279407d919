import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';

/** Who is signed in. */
export interface CallerIdentity {
  /** The ARN of the user or role. Ends within its own time limit, and throws what the platform throws. */
  arn(): Promise<string>;
}

const CALL_MS = 8_000;

/** The {@link CallerIdentity} that AWS knows. */
export class StsCallerIdentity implements CallerIdentity {
  constructor(private readonly client: STSClient) {}

  async arn(): Promise<string> {
    const { Arn: arn } = await this.client.send(new GetCallerIdentityCommand({}), {
      abortSignal: AbortSignal.timeout(CALL_MS),
    });
    if (arn === undefined) throw new Error('AWS told no identity');
    return arn;
  }
}
