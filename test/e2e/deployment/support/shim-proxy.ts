import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BucketPolicies } from './bucket-policies';
import { emulatorGaps } from './emulator-gaps';

/** One call to the account, e.g. `{ service: 'ecs', action: 'CreateCluster' }`. */
export interface AccountCall {
  service: string;
  /** The action's name; method and path where the protocol has none. */
  action: string;
  /** Of the answer that the caller got. */
  status: number;
}

/** Stands before the emulator: answers what the emulator cannot (emulator-gaps.ts), and notes every call. */
export interface ShimProxy {
  url: string;
  /** Every call since the start. */
  calls: () => AccountCall[];
  /** The calls on which the emulator broke down: gaps that emulator-gaps.ts should name. */
  breakdowns: () => AccountCall[];
  stop: () => Promise<void>;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Starts it on a free port. */
export async function startShimProxy(emulatorUrl: string): Promise<ShimProxy> {
  const gaps = new Map(emulatorGaps().map((gap) => [gap.target, gap]));
  const bucketPolicies = new BucketPolicies();
  const calls: AccountCall[] = [];
  const breakdowns: AccountCall[] = [];

  async function answerTo(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const isS3 = nameOf(incoming, body).service === 's3';
    const ofPolicy = isS3 && bucketPolicies.answerTo(incoming.method ?? '', incoming.url ?? '/', body);
    if (ofPolicy) return { headers: {}, ...ofPolicy, body: Buffer.from(ofPolicy.body) };

    const gap = gaps.get(targetOf(incoming, body));
    const refusal = gap?.refuse?.(parse(body));
    if (refusal !== undefined) {
      const { code, message } = refusal;
      return jsonAnswer(400, { __type: code, message }, { 'x-amzn-errortype': code });
    }
    if (gap?.insteadOfEmulator !== undefined) return jsonAnswer(200, gap.insteadOfEmulator(parse(body)));

    const answer = await askEmulator(emulatorUrl, incoming, body);
    if (answer.status >= 500) {
      const call = { ...nameOf(incoming, body), status: answer.status };
      breakdowns.push(call);
      return breakdownAnswer(incoming.headers, call);
    }
    if (answer.status !== 200) return answer;
    if (gap?.afterEmulatorXml !== undefined) {
      const request = new URLSearchParams(body.toString('utf8'));
      return { ...answer, body: Buffer.from(gap.afterEmulatorXml(request, answer.body.toString('utf8'))) };
    }
    if (gap?.afterEmulator === undefined) return answer;
    return jsonAnswer(200, gap.afterEmulator(parse(body), parse(answer.body)));
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const answer = await answerTo(incoming, body);
    calls.push({ ...nameOf(incoming, body), status: answer.status });
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => [...calls],
    breakdowns: () => [...breakdowns],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function askEmulator(emulatorUrl: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    const isOfConnection = ['connection', 'content-length', 'expect', 'transfer-encoding'].includes(name);
    if (value !== undefined && !isOfConnection) headers.set(name, String(value));
  }
  const answer = await fetch(emulatorUrl + (incoming.url ?? '/'), {
    method: incoming.method,
    headers,
    // A GET may have none; an empty one of a POST matters to nobody.
    body: body.length > 0 ? new Uint8Array(body) : undefined,
    redirect: 'manual',
  });
  const kept = [...answer.headers].filter(
    ([name]) => !['connection', 'content-length', 'content-encoding'].includes(name),
  );
  return {
    status: answer.status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

/** A refusal in the caller's protocol: callers repeat a call that got a 5xx, up to minutes, and this one stays so. */
function breakdownAnswer(headers: IncomingHttpHeaders, { service, action }: AccountCall): Answer {
  const code = 'EmulatorBreakdown';
  const message = `The AWS emulator broke down on ${service} ${action}: see its log, and emulator-gaps.ts`;
  if (headers['content-type']?.includes('json') === true) {
    return jsonAnswer(400, { __type: code, message }, { 'x-amzn-errortype': code });
  }
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  // EC2 has an envelope of its own.
  const body =
    service === 'ec2'
      ? `<Response><Errors>${error}</Errors></Response>`
      : `<ErrorResponse>${error}</ErrorResponse>`;
  return { status: 400, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) };
}

function jsonAnswer(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** As the gaps name an action. */
function targetOf(incoming: IncomingMessage, body: Buffer): string {
  const target = incoming.headers['x-amz-target'];
  if (target !== undefined) return String(target);
  const { service, action } = nameOf(incoming, body);
  return `${service}.${action}`;
}

function nameOf(
  { headers, method, url }: IncomingMessage,
  body: Buffer,
): { service: string; action: string } {
  // Credential=<key>/<date>/<region>/<service>/aws4_request
  const service =
    /Credential=[^,]*\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? 'unknown';
  const target = headers['x-amz-target'];
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const action =
    target === undefined
      ? isForm
        ? new URLSearchParams(body.toString('utf8')).get('Action')
        : null
      : String(target).split('.').pop();
  return { service, action: action ?? `${String(method)} ${String(url)}` };
}

function parse(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
}
