import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { NobodyHomeError, openDoor, WayThrough, type Door, type Ending } from './door';

const ANSWER = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"name":"Grüße"}' };

let door: Door | undefined;

afterEach(async () => {
  await door?.stop();
});

/** What a client sees who waits no longer than this. */
async function ask(ending: Ending, patienceMs = 5_000): Promise<string> {
  door = await openDoor(() => Promise.resolve(ending));
  const { url } = door;
  return new Promise((resolve) => {
    const outgoing = request(url, { method: 'POST' }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => {
        resolve('broke off');
      });
      answer.on('end', () => {
        resolve(`${answer.statusCode ?? 0} ${Buffer.concat(chunks).toString()}`);
      });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    outgoing.setTimeout(patienceMs, () => outgoing.destroy(new Error('silence')));
    outgoing.end('{}');
  });
}

describe('a door', () => {
  it('passes on an answer', async () => {
    expect(await ask({ kind: 'answer', answer: ANSWER })).toBe('200 {"name":"Grüße"}');
  });

  it('passes on an answer without a body', async () => {
    expect(await ask({ kind: 'answer', answer: { status: 204, headers: {}, body: '' } })).toBe('204 ');
  });

  it('resets the connection', async () => {
    expect(await ask({ kind: 'cut' })).toBe('ECONNRESET');
  });

  it('says nothing at all', async () => {
    expect(await ask({ kind: 'silence' }, 200)).toBe('silence');
  });

  it('breaks off in the middle', async () => {
    expect(await ask({ kind: 'half', answer: ANSWER })).toBe('broke off');
  });

  it('sends half as if it were all', async () => {
    expect(await ask({ kind: 'short', answer: ANSWER })).toBe('200 {"name":');
  });
});

describe('the way through', () => {
  it('leads to the server behind, and tells when nobody is there', async () => {
    const server = createServer((incoming, outgoing) => {
      outgoing.writeHead(201, { 'x-seen': String(incoming.headers['x-amz-target']) }).end('done');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const way = new WayThrough(() => url);
    const call = { method: 'POST', path: '/', headers: { 'x-amz-target': 'A.B', host: 'x' }, body: '{}' };

    expect(await way.forward(call)).toMatchObject({
      status: 201,
      headers: { 'x-seen': 'A.B' },
      body: 'done',
    });

    way.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await expect(way.forward(call)).rejects.toThrow(NobodyHomeError);
  });
});
