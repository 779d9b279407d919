import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { BrokerLine, shapeProblem, type CallResult } from './broker-call';

const ERROR = { code: 'SERVICE_UNAVAILABLE', message: 'Try again.', request_id: 'r' };

describe('shapeProblem', () => {
  it('finds none in a good answer, or in an error that says all', () => {
    expect(shapeProblem(201, {})).toBeUndefined();
    expect(shapeProblem(503, { error: ERROR, detail: ERROR })).toBeUndefined();
    const gone = { ...ERROR, code: 'SANDBOX_NOT_FOUND' };
    expect(shapeProblem(404, { error: gone, detail: gone })).toBeUndefined();
  });

  it('finds an error without the shape', () => {
    const nameless = { ...ERROR, request_id: undefined };
    expect(shapeProblem(503, {})).toBe('it lacks the error shape');
    expect(shapeProblem(503, { error: ERROR })).toBe('it lacks the error shape');
    expect(shapeProblem(404, { error: nameless, detail: nameless })).toBe('it lacks the error shape');
  });

  it('finds a fault of ours', () => {
    const internal = { ...ERROR, code: 'INTERNAL_ERROR' };
    expect(shapeProblem(500, { error: internal, detail: internal })).toBe(
      'nobody expects 500 INTERNAL_ERROR',
    );
  });
});

describe('BrokerLine', () => {
  let server: Server;
  let line: BrokerLine;

  beforeEach(async () => {
    server = createServer((incoming, outgoing) => {
      if (incoming.url === '/json') outgoing.end('{"a":1}');
      if (incoming.url === '/text') outgoing.end('<h1>');
      if (incoming.url === '/cut') incoming.socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    line = new BrokerLine();
  });

  afterEach(() => {
    line.close();
    server.closeAllConnections();
    server.close();
  });

  async function call(path: string, timeoutMs = 10_000): Promise<CallResult> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    return line.call({ method: 'POST', url, headers: {}, timeoutMs });
  }

  it('tells an answer from none', async () => {
    expect(await call('/json')).toEqual({ kind: 'answer', status: 200, body: { a: 1 }, problem: undefined });
    expect(await call('/text')).toMatchObject({ kind: 'answer', problem: 'it is no JSON: <h1>' });
    expect(await call('/cut')).toEqual({ kind: 'lost', why: 'socket hang up' });
    expect(await call('/never', 100)).toEqual({ kind: 'lost', why: 'no patience left' });
  });
});
