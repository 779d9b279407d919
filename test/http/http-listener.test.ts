import { Agent, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { close, listen } from '../../app/http-listener';
import { waitUntil } from '../local/wait-until';
import { callServer as call, type Answer } from './http-client';

let server: Server;
let sockets: Socket[];
let agent: Agent;

beforeEach(() => {
  sockets = [];
  agent = new Agent({ keepAlive: true });
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  agent.destroy();
  server.closeAllConnections();
  server.close();
});

async function listenWith(handler: RequestListener): Promise<number> {
  server = await listen(handler, 0);
  return (server.address() as AddressInfo).port;
}

/** A client that reads, and never closes its side by itself. */
function connectStubbornly(port: number, text: string): { received: () => string; socket: Socket } {
  let received = '';
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(text));
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return { received: () => received, socket };
}

async function openConnections(): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

const answerAtOnce: RequestListener = (_request, response) => response.end('ok');

describe('listen', () => {
  it('rejects when the port is taken', async () => {
    const port = await listenWith(answerAtOnce);

    await expect(listen(answerAtOnce, port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('keeps connections longer than the load balancer does, and waits for no request for ever', async () => {
    await listenWith(answerAtOnce);

    expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
    expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout);
    expect(server.requestTimeout).toBe(30_000);
  });

  it('answers a request that does not end with 408', async () => {
    const port = await listenWith(answerAtOnce);
    let accepted: Socket | undefined;
    server.on('connection', (socket) => {
      accepted = socket;
    });
    const { received } = connectStubbornly(port, 'GET / HTTP/1.1\r\nHost: a\r\n');
    await waitUntil(() => accepted !== undefined);

    // What Node.js does by itself when the time is over.
    server.emit(
      'clientError',
      Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
      accepted,
    );
    await waitUntil(() => received().endsWith('}'));

    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
    expect(received()).toContain('"detail":{"code":"BAD_REQUEST"');
  });

  it('puts no 100 Continue into an answer that waits for the one before it', async () => {
    const port = await listenWith((_request, response) => response.end(Buffer.from('whole')));
    const { received } = connectStubbornly(
      port,
      'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n1',
    );

    await waitUntil(
      () => received().endsWith('whole') && received().includes('whole', received().indexOf('whole') + 1),
    );

    expect(received().split('whole')).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 200 [^]*\r\n\r\n$/),
      expect.stringMatching(/^HTTP\/1\.1 200 [^]*\r\n\r\n$/),
      '',
    ]);
    expect(received()).not.toContain('100 Continue');
  });

  it('tells a client that asks first to go on', async () => {
    const port = await listenWith((request, response) => {
      request.on('data', (body) => response.end(`got ${String(body)}`));
    });
    const { received, socket } = connectStubbornly(
      port,
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
    );
    await waitUntil(() => received() === 'HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('abc');

    await waitUntil(() => received().endsWith('got abc'));

    expect(received()).toContain('HTTP/1.1 200 OK');
  });

  it.each([
    ['of a version without a number', 'POST /v'],
    ['with keep-alive', 'POST / HTTP/1.1\r\nHost: a'],
  ])(
    'gives one answer to a request %s that was answered before its body turned out to be none',
    async (_what, line) => {
      const port = await listenWith(answerAtOnce);
      const { received } = connectStubbornly(
        port,
        `${line}\r\nTransfer-Encoding: chunked\r\n\r\n20\r\rno chunk\r\n0\r\n\r\n`,
      );
      await waitUntil(() => received().includes('ok'));

      await waitUntil(async () => (await openConnections()) === 0);

      expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    },
  );

  it.each([
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n\r\n'],
  ])('survives a client that sends %s and resets its connection', async (_what, text) => {
    const port = await listenWith(answerAtOnce);
    let accepted: Socket | undefined;
    server.on('connection', (socket) => {
      accepted = socket;
    });
    const { received } = connectStubbornly(port, text);
    await waitUntil(() => received().includes('Connection: close'));

    // What Node.js does at a reset. Where nobody listens it is thrown, and ends the process.
    expect(() => accepted?.emit('error', new Error('read ECONNRESET'))).not.toThrow();
  });

  it.each([
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['headers that are too large', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('holds no connection for a client that sends %s and never hangs up', async (_what, text) => {
    const port = await listenWith(answerAtOnce);
    const { received } = connectStubbornly(port, text);
    await waitUntil(() => received().includes('Connection: close'));

    await waitUntil(async () => (await openConnections()) === 0);

    expect(await openConnections()).toBe(0);
  });
});

describe('close', () => {
  /** Starts a call whose answer the test gives. */
  async function startCall(headers?: Record<string, string>): Promise<{
    answer: Promise<Answer>;
    response: ServerResponse;
  }> {
    let response: ServerResponse | undefined;
    const port = await listenWith((_request, theirs) => {
      response = theirs;
    });
    const answer = call(port, '/', { agent, headers });
    await waitUntil(() => response !== undefined);
    return { answer, response: response as unknown as ServerResponse };
  }

  it('lets a request in flight finish, takes no other, and then ends', async () => {
    const { answer, response } = await startCall();
    const { port } = server.address() as AddressInfo;
    response.setHeader('Connection', 'close');

    const closed = close(server);
    await expect(call(port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    response.end('done');

    expect((await answer).text).toBe('done');
    await closed;
    expect(await openConnections()).toBe(0);
  });

  it('does not wait for a kept connection once its last request is answered', async () => {
    const { answer, response } = await startCall();

    const closed = close(server);
    response.end('done');

    expect((await answer).text).toBe('done');
    await closed;
    expect(await openConnections()).toBe(0);
  });

  it('ends connections that are kept and idle', async () => {
    const port = await listenWith(answerAtOnce);
    await call(port, '/', { agent });
    expect(await openConnections()).toBe(1);

    await close(server);

    expect(await openConnections()).toBe(0);
  });

  it('does not wait for a client in the middle of its headers', async () => {
    const port = await listenWith(answerAtOnce);
    const { socket } = connectStubbornly(port, 'GET / HTTP/1.1\r\nHost: a\r\n');
    await waitUntil(async () => (await openConnections()) === 1 && socket.bytesWritten > 0);

    await close(server);

    expect(await openConnections()).toBe(0);
  });

  it.each([
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n\r\n'],
  ])('is not held up by a client that has sent %s and never hangs up', async (_what, text) => {
    const port = await listenWith(answerAtOnce);
    const { received } = connectStubbornly(port, text);
    await waitUntil(() => received().includes('Connection: close'));

    await close(server);

    expect(await openConnections()).toBe(0);
  });
});
