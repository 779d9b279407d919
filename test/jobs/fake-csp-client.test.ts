import type { CspClient } from '../../app/csp/csp-client';
import { HttpCspClient } from '../../app/csp/http-csp-client';
import { startScriptedPortal, type PortalReply, type ScriptedPortal } from '../csp/scripted-portal';
import { FakeClock } from '../fakes/fake-clock';
import { FakeCspClient } from '../fakes/fake-csp-client';
import { silentLogger } from '../fakes/loggers';

/* The fake portal client beside the real one: the same answers of a portal, the same ends of the same calls. */

const reply =
  (status: number): PortalReply =>
  (_request, response) => {
    response.writeHead(status).end('{"results": []}');
  };

/** How each of so many deletions ends: its error's name, or `deleted`; and the state of the circuit after it. */
async function deleteInTurn(csp: CspClient, count: number): Promise<string[]> {
  const ends: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const end = await csp.deleteAccount(`identity/accounts/${index}`).then(
      () => 'deleted',
      (error: unknown) => (error instanceof Error ? error.name : 'no error'),
    );
    ends.push(`${end}, ${csp.circuitState}`);
  }
  return ends;
}

function fakeFor(
  statuses: number[],
  options: { threshold: number; openMs: number },
  clock = new FakeClock(),
): FakeCspClient {
  const csp = new FakeCspClient({ clock, ...options });
  let attempts = 0;
  csp.answer = () => {
    attempts += 1;
    return statuses[Math.min(attempts, statuses.length) - 1];
  };
  return csp;
}

let portal: ScriptedPortal;

afterEach(async () => {
  await portal.stop();
});

async function realFor(
  statuses: number[],
  circuitBreaker: { threshold: number; openMs: number },
  clock = new FakeClock(),
): Promise<HttpCspClient> {
  const [first = reply(204), ...others] = statuses.map(reply);
  portal = await startScriptedPortal(first, ...others);
  return new HttpCspClient({
    baseUrl: portal.url,
    apiToken: 'token',
    connectTimeoutMs: 5_000,
    readTimeoutMs: 5_000,
    circuitBreaker,
    retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 },
    clock,
    logger: silentLogger,
  });
}

describe('FakeCspClient', () => {
  it.each([
    ['all is well', [204]],
    ['all is gone', [404]],
    ['the portal is down', [503]],
    ['it is too busy', [429]],
    ['it refuses', [409]],
    ['our token is refused', [401]],
    ['one attempt of two fails', [500, 204, 500, 204]],
    ['two attempts of three fail', [500, 500, 204, 500, 500, 204]],
    ['one call fails, then all is well', [500, 500, 500, 204]],
    ['one call fails between others', [204, 500, 500, 500, 204, 500, 500, 204]],
    ['a refusal comes between failures', [500, 500, 500, 409, 500, 500, 500, 204]],
  ])('ends its calls as the real client does when %s', async (_what, statuses) => {
    const settings = { threshold: 5, openMs: 60_000 };
    const fake = fakeFor(statuses, settings);
    const real = await realFor(statuses, settings);

    const ends = await deleteInTurn(fake, 6);

    expect(ends).toEqual(await deleteInTurn(real, 6));
    expect(fake.deleteAttempts).toHaveLength(portal.requests.length);
  });

  it.each([
    ['works again', [500, 500, 500, 204]],
    ['still fails', [500, 500, 500, 500, 204]],
  ])(
    'tries once after the open time, as the real client does, when the portal %s',
    async (_what, statuses) => {
      const settings = { threshold: 3, openMs: 60_000 };
      const clock = new FakeClock();
      const fake = fakeFor(statuses, settings, clock);
      const real = await realFor(statuses, settings, clock);
      expect(await deleteInTurn(fake, 1)).toEqual(await deleteInTurn(real, 1));

      await clock.advance(60_000);

      expect(await deleteInTurn(fake, 1)).toEqual(await deleteInTurn(real, 1));
      expect(fake.deleteAttempts).toHaveLength(portal.requests.length);
    },
  );
});
