import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const PROGRAM = join(__dirname, '../app/health-check.ts');
const TYPESCRIPT_LOADER = pathToFileURL(require.resolve('tsx')).href;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
}

async function checkHealth(...urls: string[]): Promise<{ exitCode: number | null; stderr: string }> {
  const program = spawn(process.execPath, ['--import', TYPESCRIPT_LOADER, PROGRAM, ...urls], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [, stderr] = await Promise.all([once(program, 'exit'), text(program.stderr)]);
  return { exitCode: program.exitCode, stderr };
}

describe('the health check of a container', () => {
  it.each([200, 204])('exits 0 without a word when the answer is %i', async (status) => {
    const paths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(status).end();
    });

    expect(await checkHealth(url)).toEqual({ exitCode: 0, stderr: '' });
    expect(paths).toEqual(['/healthz']);
  });

  it.each([302, 404, 503])('exits 1 and names the status when it is %i', async (status) => {
    const url = await serve((_request, response) => {
      response.writeHead(status, { location: '/' }).end();
    });

    expect(await checkHealth(url)).toEqual({ exitCode: 1, stderr: `unhealthy: status ${status}\n` });
  });

  it('exits 1 when nobody listens', async () => {
    const url = await serve(() => undefined);
    server?.close();

    expect(await checkHealth(url)).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^unhealthy: .*ECONNREFUSED.*\n$/) as string,
    });
  });

  it('exits 1 after 3 seconds without an answer', async () => {
    const url = await serve(() => undefined);

    expect(await checkHealth(url)).toEqual({ exitCode: 1, stderr: 'unhealthy: no answer within 3000 ms\n' });
  });

  it('exits 1 with one line when it is given no URL', async () => {
    expect(await checkHealth()).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/^unhealthy: .*\n$/) as string,
    });
  });
});
