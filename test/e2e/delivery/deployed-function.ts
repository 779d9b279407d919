import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { unzipSync } from 'fflate';
import { present, type DeployedBroker } from '../deployment/support/deployed-broker';
import type { RoleCredentialsEndpoint } from '../ecs/role-credentials';

/** How an invocation ended. */
export interface Invocation {
  /** As Lambda has it: the handler threw, or the time was over. */
  isError: boolean;
  /** The lines that the function logged. */
  logs: Record<string, unknown>[];
  output: string;
}

/** Loads the handler as Lambda's runtime does, and gives it the event that comes on standard input. */
const RUNTIME = `
  const [file, name] = process.argv[1].split('.');
  const { [name]: handler } = require(process.cwd() + '/' + file + '.js');
  const chunks = [];
  process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    handler(JSON.parse(Buffer.concat(chunks).toString())).then(() => process.exit(0), () => process.exit(1));
  });
`;

/** The deployed rollback function, run where the account says what it is: its code, handler, environment and role. */
export class DeployedFunction {
  private constructor(
    readonly roleArn: string,
    readonly topicArn: string,
    private readonly folder: string,
    private readonly handlerName: string,
    private readonly timeoutMs: number,
    private readonly environment: Record<string, string>,
  ) {}

  /**
   * Unpacks the zip that the last synth wrote.
   *
   * @throws Error when it is not, byte for byte, what the account says that the function's code is.
   */
  static async unpack(
    { clients, names, environment }: DeployedBroker,
    { zipPath, folder, awsUrl, credentials }: UnpackOptions,
  ): Promise<DeployedFunction> {
    const { Configuration } = await clients.lambda.send(
      new GetFunctionCommand({ FunctionName: names.rollbackFunction }),
    );
    const zip = readFileSync(zipPath);
    const sha256 = createHash('sha256').update(zip).digest('base64');
    if (sha256 !== Configuration?.CodeSha256) throw new Error('The synthesized zip is not the deployed code');
    for (const [name, content] of Object.entries(unzipSync(zip))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const roleArn = present(Configuration.Role);
    return new DeployedFunction(
      roleArn,
      present(Configuration.Environment?.Variables?.ALARM_TOPIC_ARN),
      folder,
      present(Configuration.Handler),
      present(Configuration.Timeout) * 1_000,
      {
        ...Configuration.Environment?.Variables,
        // What Lambda itself adds, with AWS at another address.
        AWS_REGION: environment.awsRegion,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.urlFor(roleArn),
        AWS_ENDPOINT_URL: awsUrl,
      },
    );
  }

  /** One invocation in a process of its own, as after a cold start. */
  invoke(event: unknown): Promise<Invocation> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['-e', RUNTIME, this.handlerName],
        { cwd: this.folder, env: this.environment, timeout: this.timeoutMs },
        (error, stdout, stderr) => {
          const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
          resolve({
            isError: error !== null,
            logs: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
            output: stdout + stderr,
          });
        },
      );
      child.stdin?.end(JSON.stringify(event));
    });
  }
}

interface UnpackOptions {
  zipPath: string;
  /** For the code. */
  folder: string;
  awsUrl: string;
  credentials: RoleCredentialsEndpoint;
}
