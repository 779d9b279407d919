import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { permissionsOf, type ArnContext, type RecordedCall } from './recorded-calls';

export interface AwsFrontOptions extends ArnContext {
  /** Answers for DynamoDB. */
  dynamodbEndpoint: string;
  /** Answers for everything else. */
  awsEndpoint: string;
  /** Whose key it is. */
  roleOf: (accessKeyId: string) => string | undefined;
}

/**
 * The one address at which tasks find AWS. It sends DynamoDB's calls to the engine and all others to the emulator,
 * and writes down who asked for what.
 */
export class AwsFront {
  readonly #calls = new Map<string, RecordedCall>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  /** Access keys that no role of ours was given; there must be none. */
  readonly strangers = new Set<string>();

  constructor(private readonly options: AwsFrontOptions) {
    this.#server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = Buffer.concat(chunks);
        const isDynamoDb = String(incoming.headers['x-amz-target']).startsWith('DynamoDB_');
        const { dynamodbEndpoint, awsEndpoint } = this.options;
        this.#record(incoming, body);
        const { method, url, headers } = incoming;
        const forwarded = request(
          (isDynamoDb ? dynamodbEndpoint : awsEndpoint) + (url ?? '/'),
          { method, headers, agent: this.#agent },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          },
        );
        forwarded.on('error', () => outgoing.destroy());
        forwarded.end(body);
      });
    });
  }

  /** Begins to answer. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Each different call once, in the order in which they were first made. */
  calls(): RecordedCall[] {
    return [...this.#calls.values()];
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #record(incoming: IncomingMessage, body: Buffer): void {
    const credential = /Credential=(?<key>[^/]+)\/\d+\/(?<region>[^/]+)\/(?<service>[^/]+)\//.exec(
      incoming.headers.authorization ?? '',
    )?.groups;
    const accessKeyId = credential?.key ?? 'none';
    const roleArn = this.options.roleOf(accessKeyId);
    if (roleArn === undefined) {
      this.strangers.add(accessKeyId);
      return;
    }
    const service = credential?.service ?? 'unknown';
    const { operation, parameters } = readCall(incoming, body.toString());
    const permissions = permissionsOf(service, operation, parameters, this.options);
    for (const permission of permissions) {
      const call = { roleArn, ...permission };
      this.#calls.set(JSON.stringify(call), call);
    }
  }
}

/** Of AWS's two protocols that are spoken here: JSON with the operation in a header, and the older form fields. */
function readCall(
  incoming: IncomingMessage,
  body: string,
): { operation: string; parameters: Record<string, unknown> } {
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') {
    return {
      operation: target.split('.').pop() ?? 'unknown',
      parameters: JSON.parse(body) as Record<string, unknown>,
    };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  return { operation: form.Action ?? 'unknown', parameters: form };
}
