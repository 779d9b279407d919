import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib, { brotliCompressSync } from 'node:zlib';
import express from 'express';
import { pino } from 'pino';
import { close, listen } from '../../app/http-listener';
import { Metrics } from '../../app/metrics';
import { errorHandler } from '../../app/middleware/error-handler';
import { requestLog } from '../../app/middleware/request-log';
import { descriptionRoutes } from '../../app/openapi/description-routes';
import { openApiDocument } from '../../app/openapi/openapi-document';
import { callRaw, callServer, type Answer } from '../http/http-client';
import { startTestApi } from '../http/test-api';

const BOTH_FILES = 2;
const MORE_THAN_ANY_TEST_SENDS = { burst: 10_000, perSecond: 1 };

let server: Server;
let base: string;

beforeEach(async () => {
  await start();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await close(server);
});

/** With a page limit that the test does not meet, if not said. */
async function start(pageLimit = MORE_THAN_ANY_TEST_SENDS): Promise<void> {
  const compressed = (text: string): string => brotliCompressSync(text).toString('base64');
  const app = express().set('etag', false);
  app.use(requestLog(pino({ level: 'silent' }), new Metrics()));
  const swaggerUi = { script: compressed('let script;'), style: compressed('.style {}') };
  app.use('/v1', descriptionRoutes({ basePath: '/v1', swaggerUi, pageLimit }));
  app.use(errorHandler(pino({ level: 'silent' })));
  server = await listen(app, 0);
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${base}${path}`, { headers });
}

describe('openapi.json', () => {
  it('is the document, without a token', async () => {
    const answer = await get('/openapi.json');

    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument('/v1'))));
  });

  it('is served by the API, checked against itself, and counted by the limit of the address', async () => {
    const api = await startTestApi();
    try {
      const answer = await api.call('/v1/openapi.json');
      expect(answer.status).toBe(200);
      expect(Number(answer.headers['x-ratelimit-remaining'])).toBeLessThan(2_000);
      const again = await api.call('/v1/openapi.json', {
        headers: { 'If-None-Match': String(answer.headers.etag) },
      });
      expect([again.status, again.text]).toEqual([304, '']);
    } finally {
      await api.stop();
    }
  });

  it('is asked for anew each time, and costs a 304 while it is the same', async () => {
    const first = await get('/openapi.json');
    expect(first.headers.get('cache-control')).toBe('public, no-cache');

    // Not by fetch, which asks every cache on the way to be passed by.
    const { port } = server.address() as AddressInfo;
    const statusWith = async (etag: string): Promise<number> =>
      (await callServer(port, '/v1/openapi.json', { headers: { 'If-None-Match': etag } })).status;
    expect(await statusWith(first.headers.get('etag') ?? '')).toBe(304);
    expect(await statusWith('"other"')).toBe(200);
  });

  it('is compressed for whoever takes that, and for nobody else', async () => {
    const compressed = await get('/openapi.json', { 'Accept-Encoding': 'br' });
    const plain = await get('/openapi.json', { 'Accept-Encoding': 'identity' });

    expect(compressed.headers.get('content-encoding')).toBe('br');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await compressed.json()).toEqual(await plain.json());
    for (const { headers } of [compressed, plain]) expect(headers.get('vary')).toBe('Accept-Encoding');
  });

  it('has another ETag in each encoding, and each is known again in its own only', async () => {
    const { port } = server.address() as AddressInfo;
    const ask = async (headers: Record<string, string>): Promise<Answer> =>
      callServer(port, '/v1/openapi.json', { headers });
    const encodings = ['br', 'identity'];
    const etags: string[] = [];
    for (const encoding of encodings) {
      etags.push(String((await ask({ 'Accept-Encoding': encoding })).headers.etag));
    }

    const statuses: number[] = [];
    for (const encoding of encodings) {
      for (const etag of etags) {
        statuses.push((await ask({ 'Accept-Encoding': encoding, 'If-None-Match': etag })).status);
      }
    }
    expect(statuses).toEqual([304, 200, 200, 304]);
  });
});

describe('the page', () => {
  it('loads our own files only, under a policy that allows no others and nothing inline', async () => {
    const answer = await get('/docs');
    const html = await answer.text();
    const policy = answer.headers.get('content-security-policy') ?? '';

    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const urls = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
    for (const url of urls.filter((each) => each !== 'data:,')) expect(url).toMatch(/^\/v1\//);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/);
  });

  it('loads files that may be kept for ever under their hash, and are asked for anew without', async () => {
    const html = await (await get('/docs')).text();
    const urls = [...html.matchAll(/(?:src|href)="\/v1(\/docs\/[^"]+)"/g)].map(([, url]) => url ?? '');

    expect(urls.map((url) => url.split('?')[0]).sort()).toEqual([
      '/docs/docs.css',
      '/docs/docs.js',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui.js',
    ]);
    for (const url of urls) {
      const kept = await get(url);
      expect([url, kept.status, kept.headers.get('cache-control')]).toEqual([
        url,
        200,
        'public, max-age=31536000, immutable',
      ]);
      const other = await get(`${url.split('?')[0] ?? ''}?v=older`);
      expect(other.headers.get('cache-control')).toBe('public, no-cache');
    }
    expect(await (await get('/docs/swagger-ui.js')).text()).toBe('let script;');
  });

  it('takes GET and HEAD only', async () => {
    const refused = await fetch(`${base}/docs`, { method: 'POST' });

    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${base}/docs`, { method: 'HEAD' })).status).toBe(200);
  });

  it('is found with a slash at its end, too', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(`${base}/docs/`, { method, redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([308, '/v1/docs']);
    }
    expect((await fetch(`${base}/docs/`, { method: 'POST' })).status).toBe(405);
    expect((await get('/docs/docs.js/')).status).toBe(404);
  });

  it('tells a client of HTTP/1.0, too, that a redirect has no body', async () => {
    const answer = await callRaw(Number(new URL(base).port), 'GET /v1/docs/ HTTP/1.0\r\n\r\n');

    expect([answer.status, answer.headers['content-length']]).toEqual([308, '0']);
  });

  it('is limited for each address by itself, with its files, and takes nothing from the document', async () => {
    await close(server);
    await start({ burst: 3, perSecond: 0.001 });
    const statuses: number[] = [];
    for (const path of [
      '/docs',
      '/docs/swagger-ui.js',
      '/docs/',
      '/docs/docs.js',
      '/docs',
      '/openapi.json',
    ]) {
      statuses.push((await fetch(`${base}${path}`, { redirect: 'manual' })).status);
    }

    expect(statuses).toEqual([200, 200, 308, 429, 429, 200]);
  });
});

describe('what takes the processor from all other calls', () => {
  const FILES = ['/docs/swagger-ui.js', '/docs/swagger-ui.css'];
  const ALL = ['/openapi.json', '/docs', ...FILES, '/docs/docs.js', '/docs/docs.css'];

  it('is unpacking: each file is unpacked once in a process, however often it is asked for', async () => {
    const unpack = jest.spyOn(zlib, 'brotliDecompressSync');

    for (let asked = 0; asked < 10; asked += 1) {
      const answers = await Promise.all(ALL.map((path) => get(path, { 'Accept-Encoding': 'identity' })));
      const texts = await Promise.all(answers.map((answer) => answer.text()));
      expect(texts.slice(2, 4)).toEqual(['let script;', '.style {}']);
    }

    expect(unpack).toHaveBeenCalledTimes(BOTH_FILES);
  });

  it('is not needed for a HEAD, a 304, or whoever takes Brotli', async () => {
    const unpack = jest.spyOn(zlib, 'brotliDecompressSync');
    const { port } = server.address() as AddressInfo;

    for (const path of FILES) {
      for (const encoding of ['identity', 'br']) {
        const headers = { 'Accept-Encoding': encoding };
        const head = await callServer(port, `/v1${path}`, { method: 'HEAD', headers });
        expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', undefined]);
        const known = { ...headers, 'If-None-Match': String(head.headers.etag) };
        expect((await callServer(port, `/v1${path}`, { headers: known })).status).toBe(304);
      }
      expect((await callServer(port, `/v1${path}`, { headers: { 'Accept-Encoding': 'br' } })).status).toBe(
        200,
      );
    }

    expect(unpack).not.toHaveBeenCalled();
  });
});
