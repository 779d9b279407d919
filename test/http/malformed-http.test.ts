import { expectError } from './expect-error';
import { callRaw, type Answer } from './http-client';
import { startTestApi, TRACK_TOKEN, type TestApi } from './test-api';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});

afterEach(async () => {
  await api.stop();
});

/** A request on a connection of its own; the blank line is added. */
async function send(...lines: string[]): Promise<Answer> {
  return callRaw(api.port, `${lines.join('\r\n')}\r\n\r\n`);
}

const TRACK = [`Authorization: Bearer ${TRACK_TOKEN}`, 'X-Track-ID: track-1', 'Connection: close'];

describe('what Node.js refuses before there is a request is answered in our shape', () => {
  it('headers of more than 16 kB in total are 431', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `X-Filler-${index}: ${'x'.repeat(1_000)}`);

    const { message } = expectError(
      await send('GET /healthz HTTP/1.1', 'Host: a', ...lines),
      431,
      'BAD_REQUEST',
    );

    expect(message).toContain('too large');
  });

  it('one header of 100 kB is 431', async () => {
    const line = `X-Instruqt-Sandbox-ID: ${'x'.repeat(100_000)}`;

    expectError(await send('POST /v1/allocate HTTP/1.1', 'Host: a', line), 431, 'BAD_REQUEST');
  });

  it('a path of 100 kB is 431', async () => {
    expectError(await send(`GET /${'x'.repeat(100_000)} HTTP/1.1`, 'Host: a'), 431, 'BAD_REQUEST');
  });

  it.each([
    ['a control character in a header', ['GET /healthz HTTP/1.1', 'Host: a', 'X-Track-ID: a\x01b']],
    ['a control character in a header name', ['GET /healthz HTTP/1.1', 'Host: a', 'X-Tr\x01ack: a']],
    ['a space before the colon', ['GET /healthz HTTP/1.1', 'Host: a', 'X-Track-ID : a']],
    ['a header without a colon', ['GET /healthz HTTP/1.1', 'Host: a', 'X-Track-ID']],
    ['a path with a space', ['GET /health z HTTP/1.1', 'Host: a']],
    ['a method that does not exist', ['ALLOCATE /v1/allocate HTTP/1.1', 'Host: a']],
    ['a version that does not exist', ['GET /healthz HTTP/9.9', 'Host: a']],
    ['a URL as its target that is none', ['GET http://[::1 HTTP/1.1', 'Host: a']],
    ['a target that is neither path nor URL', ['GET *x HTTP/1.1', 'Host: a']],
    ['a URL of something else than HTTP', ['GET ftp://a/healthz HTTP/1.1', 'Host: a']],
    ['no HTTP at all', ['hello']],
    ['a TLS handshake', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']],
    ['two lengths', ['POST /v1/allocate HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2']],
    [
      'a length and chunks',
      ['POST /v1/allocate HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked'],
    ],
    ['a negative length', ['POST /v1/allocate HTTP/1.1', 'Host: a', 'Content-Length: -1']],
    [
      'a transfer encoding that does not exist',
      ['POST /v1/allocate HTTP/1.1', 'Host: a', 'Transfer-Encoding: xchunked'],
    ],
  ])('%s is 400', async (_what, lines) => {
    const answer = await send(...lines);

    expectError(answer, 400, 'BAD_REQUEST');
    expect(answer.headers.connection).toBe('close');
    expect(api.service.asked).toEqual([]);
  });

  it('a chunk that is none is 400', async () => {
    const lines = [
      'POST /v1/allocate HTTP/1.1',
      'Host: a',
      ...TRACK,
      'Transfer-Encoding: chunked',
      '',
      'zzz',
    ];

    expectError(await send(...lines), 400, 'BAD_REQUEST');
    expect(api.service.asked).toEqual([]);
  });

  it('gives each its own request id', async () => {
    const first = await send('hello');
    const second = await send('hello');

    expect(first.headers['x-request-id']).not.toBe(second.headers['x-request-id']);
  });

  it('does not repeat what was sent', async () => {
    expect((await send('hello-there')).text).not.toContain('hello-there');
  });

  it('goes on serving others', async () => {
    await Promise.all(Array.from({ length: 20 }, () => send('hello')));

    expect((await api.call('/healthz')).status).toBe(200);
  });
});

describe('unusual requests that are fine', () => {
  it('one without Host is answered', async () => {
    expect((await send('POST /v1/allocate HTTP/1.1', ...TRACK)).status).toBe(201);
  });

  it('one of HTTP/1.0 is answered', async () => {
    expect((await send('POST /v1/allocate HTTP/1.0', ...TRACK)).status).toBe(201);
  });

  it('one with the whole URL is answered', async () => {
    expect((await send('POST http://broker/v1/allocate HTTP/1.1', 'Host: broker', ...TRACK)).status).toBe(
      201,
    );
  });

  it('one that would rather speak WebSocket is answered as if it had not said so', async () => {
    const upgrade = ['Connection: Upgrade, close', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];

    expect((await send('GET /healthz HTTP/1.1', 'Host: a', ...upgrade)).status).toBe(200);
  });

  it('one that expects 100-continue gets it, and its answer', async () => {
    const lines = [
      'POST /v1/allocate HTTP/1.1',
      'Host: a',
      ...TRACK,
      'Expect: 100-continue',
      'Content-Length: 2',
    ];

    expect((await callRaw(api.port, `${lines.join('\r\n')}\r\n\r\n{}`)).status).toBe(201);
  });

  it('one that expects something else is answered all the same', async () => {
    const lines = ['POST /v1/allocate HTTP/1.1', 'Host: a', ...TRACK, 'Expect: a-miracle'];

    expect((await send(...lines)).status).toBe(201);
  });

  it('two in one packet are both answered, in order', async () => {
    const first = `POST /v1/allocate HTTP/1.1\r\nHost: a\r\n${TRACK.slice(0, 2).join('\r\n')}\r\n\r\n`;
    const second = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

    const { status, text } = await callRaw(api.port, first + second);

    expect(status).toBe(201);
    expect(text.indexOf('"sandbox_id"')).toBeLessThan(text.indexOf('HTTP/1.1 200 OK'));
  });
});

it('CONNECT is refused like any other wrong method', async () => {
  const answer = await send('CONNECT evil.example.org:443 HTTP/1.1', 'Host: evil.example.org:443');

  expectError(answer, 405, 'METHOD_NOT_ALLOWED');
  expect(answer.headers).toHaveProperty('allow');
  expect(answer.headers.connection).toBe('close');
});
