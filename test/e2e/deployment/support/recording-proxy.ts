import { createServer, request as askOverHttp, Agent, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What was asked of AWS, as far as IAM's view of it depends on it. */
export interface RecordedRequest {
  /** The name under which it was signed, such as `ec2` or `monitoring`. */
  service: string;
  /** The operation that the protocol names; undefined for those that only have a method and a path (S3, Lambda). */
  operation: string | undefined;
  method: string;
  path: string;
  query: URLSearchParams;
  /** The parameters of a JSON or a form request, by name. */
  parameters: Record<string, unknown>;
}

/** Stands before an emulated account, and writes down every request, in sections. */
export interface RecordingProxy {
  url: string;
  /** The requests of a section. They begin with `PUT /.section/<name>`, which a shell can ask for between two commands. */
  section: (name: string) => RecordedRequest[];
  stop: () => Promise<void>;
}

const SECTION = /^\/\.section\/(?<name>.+)$/;

/** Starts it on a free port. */
export async function startRecordingProxy(accountUrl: string): Promise<RecordingProxy> {
  const agent = new Agent({ keepAlive: true });
  const requests = new Map<string, RecordedRequest[]>();
  let current: RecordedRequest[] = [];
  const begin = (name: string): void => {
    current = requests.get(name) ?? [];
    requests.set(name, current);
  };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method, url = '/', headers } = incoming;
      const section = SECTION.exec(url)?.groups?.name;
      if (section !== undefined) {
        begin(section);
        outgoing.writeHead(204).end();
        return;
      }
      const body = Buffer.concat(chunks);
      current.push(readRequest(incoming, body.toString('utf8')));
      const forwarded = askOverHttp(accountUrl + url, { method, headers, agent }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    section: (name) => [...(requests.get(name) ?? [])],
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readRequest({ headers, method = 'GET', url = '/' }: IncomingMessage, body: string): RecordedRequest {
  // Credential=<key>/<date>/<region>/<service>/aws4_request
  const service =
    /Credential=[^,]*\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? 'unknown';
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const target = headers['x-amz-target'];
  const common = { service, method, path: decodeURIComponent(pathname), query };
  if (target !== undefined) {
    const parameters = JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
    return { ...common, operation: String(target).split('.').pop(), parameters };
  }
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    const { Action, ...parameters } = Object.fromEntries(new URLSearchParams(body));
    return { ...common, operation: Action, parameters };
  }
  const isJson = service === 'lambda' && body.startsWith('{');
  const parameters = isJson ? (JSON.parse(body) as Record<string, unknown>) : {};
  return { ...common, operation: undefined, parameters };
}
