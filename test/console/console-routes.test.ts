import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import helmet from 'helmet';
import { consoleAssets } from '../../app/console/console-assets';
import { consoleRoutes } from '../../app/console/console-routes';
import { Metrics } from '../../app/metrics';
import { errorHandler, routeNotFound } from '../../app/middleware/error-handler';
import { requestLog } from '../../app/middleware/request-log';
import { silentLogger } from '../fakes/loggers';

const ASSETS = consoleAssets('"the script"', 'body{}');

let server: Server;
let url: string;

async function start(options: Partial<Parameters<typeof consoleRoutes>[0]> = {}): Promise<void> {
  const app = express();
  app.set('etag', false);
  app.use(requestLog(silentLogger, new Metrics()));
  app.use(helmet());
  app.use(consoleRoutes({ basePath: '/v1', environmentName: 'dev', assets: ASSETS, ...options }));
  app.use(routeNotFound);
  app.use(errorHandler(silentLogger));
  server = createServer((request, response) => {
    app(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('the page', () => {
  it('may load and call nothing but its own address, and is not kept without asking', async () => {
    await start();
    const answer = await fetch(`${url}/console`);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('Content-Security-Policy')?.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "require-trusted-types-for 'script'",
      "script-src 'self'",
      "style-src 'self'",
      "trusted-types 'none'",
    ]);
    expect(answer.headers.get('Cache-Control')).toBe('no-cache');
    expect(answer.headers.get('Referrer-Policy')).toBe('no-referrer');
    expect(await answer.text()).not.toMatch(/<script(?! type="module" src="\/console)|\sstyle=|\son\w+=/);
  });

  it('costs no more than a 304 when it has not changed', async () => {
    await start();
    const etag = (await fetch(`${url}/console`)).headers.get('ETag') ?? '';
    const again = await fetch(`${url}/console`, {
      headers: { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' },
    });

    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('knows the base path and the environment, and escapes both', async () => {
    await start({ basePath: '/labs/v2', environmentName: '"><script>alert(1)</script>' });
    const text = await (await fetch(`${url}/console`)).text();

    expect(text).toContain('name="broker-base-path" content="/labs/v2"');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it.each(['POST', 'PUT', 'DELETE'])('takes no %s', async (method) => {
    await start();
    const answer = await fetch(`${url}/console`, { method });

    expect(answer.status).toBe(405);
    expect(answer.headers.get('Allow')).toBe('GET, HEAD');
  });

  it('is found with a slash at its end, too', async () => {
    await start();
    const answer = await fetch(`${url}/console/`, { redirect: 'manual' });

    expect([answer.status, answer.headers.get('Location')]).toEqual([308, '/console']);
  });

  it('is not there in a process that was not built', async () => {
    await start({ assets: undefined });

    expect((await fetch(`${url}/console`)).status).toBe(404);
  });
});

describe('its files', () => {
  it('are kept for ever by the address that the page names', async () => {
    await start();
    const page = await (await fetch(`${url}/console`)).text();
    const paths = [...page.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, path]) => path);
    const answers = await Promise.all(paths.map(async (path) => fetch(url + (path ?? ''))));

    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['body{}', '"the script"']);
    expect(answers.map(({ headers }) => headers.get('Content-Type'))).toEqual([
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
    ]);
    for (const { headers } of answers) {
      expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    }
  });

  it('are compressed for whoever takes that, and for nobody else', async () => {
    await start();
    const encodings = await Promise.all(
      ['br', 'identity'].map(async (encoding) => {
        const answer = await fetch(`${url}/console/console.js`, { headers: { 'Accept-Encoding': encoding } });
        return [answer.headers.get('Content-Encoding'), await answer.text()];
      }),
    );

    expect(encodings).toEqual([
      ['br', '"the script"'],
      [null, '"the script"'],
    ]);
  });

  it('are given but not kept when the page came from another version', async () => {
    await start();
    const answer = await fetch(`${url}/console/console.js?v=another`);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
  });

  it.each(['/console/..', '/console/other.js', '/console/console.js/', '/console/console.js.map'])(
    'are two: there is no %s',
    async (path) => {
      await start();

      expect((await fetch(url + path)).status).toBe(404);
    },
  );
});
