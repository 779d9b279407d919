import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { checkExchange } from '../openapi/check-exchange';
import { contract } from '../openapi/contract';

/** An answer as it came over the wire. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface CallOptions {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** `false`, the default: a connection for this call alone. */
  agent?: Agent | false;
  /** Of the API that is called; `/v1` if not said. */
  basePath?: string;
}

/**
 * One request to the API, with nothing sent that was not asked for. What comes back is checked against the OpenAPI
 * document.
 */
export async function call(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await callServer(port, path, options);
  const { method = 'GET', headers = {}, body, basePath } = options;
  checkExchange(
    { method, target: path, requestHeaders: headers, requestBody: body, ...answer },
    contract(basePath),
  );
  return answer;
}

/** The same to any server, and unchecked. */
export async function callServer(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  const { method = 'GET', headers, body, agent = false } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * Sends bytes as they are, well-formed or not, and reads until the server ends the connection. Unchecked: who asks in
 * such a way looks at the answer itself.
 */
export async function callRaw(port: number, bytes: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
    });
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      resolve(parseAnswer(received));
    });
  });
}

/** The body as JSON. */
export function jsonOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>;
}

/** Splits what came over a raw connection, `100 Continue` left out. Enough for our answers, which all have a length. */
function parseAnswer(received: string): Answer {
  const [head = '', ...rest] = received.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '').split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(statusLine.split(' ')[1]), headers, text: rest.join('\r\n\r\n') };
}
