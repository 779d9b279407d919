import { refusalLog } from '../../app/refusal-log';
import { Metrics, REFUSAL_REASONS } from '../../app/metrics';
import type { Refusal } from '../../app/refusal';
import { FakeClock } from '../fakes/fake-clock';
import { recordingLogger } from '../fakes/loggers';
import { waitUntil } from '../local/wait-until';
import { expectError } from './expect-error';
import { callRaw } from './http-client';
import { startTestApi, TRACK_TOKEN, type TestApi } from './test-api';

const INFO = 30;

describe('what is refused before it is a request', () => {
  let api: TestApi;

  beforeEach(async () => {
    api = await startTestApi();
  });

  afterEach(async () => {
    await api.stop();
  });

  it.each([
    ['malformed', 400, 'hello\r\n\r\n'],
    ['malformed', 400, 'GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['headers_too_large', 431, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`],
    ['connect', 405, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
  ])('as %s has one line in the log, under the id of its answer', async (reason, status, bytes) => {
    const answer = await callRaw(api.port, bytes);
    const lines = api.logLines.filter(({ action }) => action === 'refuse');

    expect(lines).toEqual([
      expect.objectContaining({
        level: INFO,
        request_id: answer.headers['x-request-id'],
        outcome: reason,
        status,
        remote_address: expect.stringContaining('127.0.0.1') as string,
        unlogged: 0,
      }),
    ]);
    expect(await api.metrics.registry.metrics()).toContain(
      `broker_http_refusals_total{reason="${reason}"} 1\n`,
    );
  });

  it('is answered with the security headers, and with no allowance, as nobody knows whose', async () => {
    const { headers } = await callRaw(api.port, 'hello\r\n\r\n');

    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'",
      'strict-transport-security': expect.stringMatching(/^max-age=\d+/) as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('x-ratelimit-remaining');
  });

  it('is answered without a body if it was a HEAD', async () => {
    const answer = await callRaw(api.port, 'HEAD /\x80 HTTP/1.1\r\nHost: a\r\n\r\n');

    expect([answer.status, answer.text]).toEqual([400, '']);
  });

  it('is no answer to a sensible request before it on the same connection', async () => {
    let allocate: () => void = () => undefined;
    const { onAllocate } = api.service;
    api.service.onAllocate = async (asked) => {
      await new Promise<void>((resolve) => {
        allocate = resolve;
      });
      return onAllocate(asked);
    };
    const sensible = `POST /v1/allocate HTTP/1.1\r\nAuthorization: Bearer ${TRACK_TOKEN}\r\nX-Track-ID: a\r\n\r\n`;

    const exchange = callRaw(api.port, `${sensible}rubbish\r\n\r\n`);
    await waitUntil(() => api.service.asked.length === 1);
    allocate();

    const { status, text } = await exchange;
    expect(status).toBe(201);
    expect(text.indexOf('"sandbox_id"')).toBeLessThan(text.indexOf('HTTP/1.1 400 Refused'));
  });

  it('is not answered after an answer that ended the connection', async () => {
    const { status, text } = await callRaw(
      api.port,
      'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\nrubbish\r\n\r\n',
    );

    expect([status, text]).toEqual([200, '{"status":"ok"}']);
  });

  it('leaves a whole URL that is one to its route', async () => {
    const answer = await callRaw(
      api.port,
      'GET http://a.example/v1/nothing?x=1 HTTP/1.1\r\nConnection: close\r\n\r\n',
    );

    expectError(answer, 404, 'ROUTE_NOT_FOUND');
    expect(answer.headers).toHaveProperty('x-ratelimit-limit');
  });
});

describe('refusalLog', () => {
  const refusal = (requestId: string): Refusal => ({
    reason: 'malformed',
    requestId,
    status: 400,
    remoteAddress: '203.0.113.7',
  });

  it('counts all, and cannot be made to fill the log', async () => {
    const { logger, lines } = recordingLogger();
    const metrics = new Metrics();
    const clock = new FakeClock();
    const onRefusal = refusalLog(logger, metrics, clock);

    for (let count = 1; count <= 1_000; count += 1) onRefusal(refusal(`request-${count}`));
    expect(lines).toHaveLength(20);
    await clock.advance(1_000);
    onRefusal(refusal('later'));

    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toMatchObject({ request_id: 'later', unlogged: 980 });
    expect(await metrics.registry.metrics()).toContain(
      'broker_http_refusals_total{reason="malformed"} 1001\n',
    );
  });

  it('shows every reason from zero on', async () => {
    const text = await new Metrics().registry.metrics();

    for (const reason of REFUSAL_REASONS) {
      expect(text).toContain(`broker_http_refusals_total{reason="${reason}"} 0\n`);
    }
  });
});
