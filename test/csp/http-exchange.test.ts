import { httpExchange, type HttpAnswer } from '../../app/csp/http-exchange';
import { replyWith, startScriptedPortal, type ScriptedPortal } from './scripted-portal';

let portal: ScriptedPortal;

afterEach(() => portal.stop());

function get(options: { maxBodyBytes: number; headers?: Record<string, string> }): Promise<HttpAnswer> {
  return httpExchange({
    method: 'GET',
    url: new URL(portal.url),
    headers: {},
    connectTimeoutMs: 2_000,
    readTimeoutMs: 2_000,
    ...options,
  });
}

it('reads an answer up to the limit, and no further', async () => {
  portal = await startScriptedPortal(replyWith(200, 'ä'.repeat(50)));

  expect(await get({ maxBodyBytes: 100 })).toEqual({ status: 200, body: 'ä'.repeat(50) });
  await expect(get({ maxBodyBytes: 99 })).rejects.toThrow('longer than 99 bytes');
});

it('does not follow redirects, so that headers go nowhere else', async () => {
  portal = await startScriptedPortal((_request, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
  });

  expect((await get({ maxBodyBytes: 100 })).status).toBe(302);
  expect(portal.requests).toEqual(['GET /']);
});

it('lets a mistake in its arguments show as what it is', async () => {
  portal = await startScriptedPortal(replyWith(200));

  await expect(get({ maxBodyBytes: 100, headers: { authorization: 'a\nb' } })).rejects.toMatchObject({
    code: 'ERR_INVALID_CHAR',
  });
});
