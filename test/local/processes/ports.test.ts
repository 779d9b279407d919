import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { findFreePort, isPortFree } from '../../../local/processes/ports';

let server: Server;

async function listen(host?: string): Promise<number> {
  server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

afterEach(() => {
  server.close();
});

it.each([undefined, '127.0.0.1', '0.0.0.0'])('sees that a port is taken by a server on %s', async (host) => {
  const port = await listen(host);
  expect(await isPortFree(port)).toBe(false);
});

it('sees that a port is free again', async () => {
  const port = await listen();
  server.close();
  await once(server, 'close');
  expect(await isPortFree(port)).toBe(true);
});

it('passes over ports that are taken', async () => {
  await listen();
  const first = await findFreePort(() => 0);
  server.close();
  server = createServer().listen(first);
  await once(server, 'listening');

  const answers = [0, 0, 0.5];
  const found = await findFreePort(() => answers.shift() ?? 0.9);
  expect(found).not.toBe(first);
  expect(await isPortFree(found)).toBe(true);
});
