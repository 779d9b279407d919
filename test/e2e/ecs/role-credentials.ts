import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** Credentials as the SDK takes them. */
export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

/** How long a task's credentials hold. */
const DURATION_SECONDS = 3_600;

/**
 * Assumes roles as ECS does, and gives each task the credentials of its task role over HTTP, where the SDK in it looks
 * for them (AWS_CONTAINER_CREDENTIALS_FULL_URI). Knows afterwards whose key signed a request.
 */
export class RoleCredentialsEndpoint {
  readonly #roleByAccessKeyId = new Map<string, string>();
  readonly #sts: STSClient;
  #server?: Server;

  constructor(awsEndpoint: string, region: string) {
    this.#sts = new STSClient({
      endpoint: awsEndpoint,
      region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  /** Starts to answer. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const roleArn = new URL(request.url ?? '/', 'http://localhost').searchParams.get('role') ?? '';
      this.assume(roleArn, 'task').then(
        ({ accessKeyId, secretAccessKey, sessionToken, expiration }) => {
          response.setHeader('content-type', 'application/json');
          response.end(
            JSON.stringify({
              RoleArn: roleArn,
              AccessKeyId: accessKeyId,
              SecretAccessKey: secretAccessKey,
              Token: sessionToken,
              Expiration: expiration.toISOString(),
            }),
          );
        },
        (error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
  }

  /** Where a task with this role asks. */
  urlFor(roleArn: string): string {
    const { port } = this.#server?.address() as AddressInfo;
    return `http://127.0.0.1:${port}/credentials?role=${encodeURIComponent(roleArn)}`;
  }

  async assume(roleArn: string, sessionName: string): Promise<RoleCredentials> {
    const { Credentials } = await this.#sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        DurationSeconds: DURATION_SECONDS,
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new Error(`STS gave no credentials for ${roleArn}`);
    }
    this.#roleByAccessKeyId.set(AccessKeyId, roleArn);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration ?? new Date(Date.now() + DURATION_SECONDS * 1_000),
    };
  }

  /** The role behind a key that was given out here. */
  roleOf(accessKeyId: string): string | undefined {
    return this.#roleByAccessKeyId.get(accessKeyId);
  }

  async stop(): Promise<void> {
    this.#sts.destroy();
    const server = this.#server;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
