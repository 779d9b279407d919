import type { Express, RequestHandler } from 'express';
import { answerFaults } from './answer-faults';
import { startFuzzApi, type FuzzApi } from './fuzz-api';
import { askedOf, fuzzRequest, identified } from './fuzz-request';
import { fuzzSettings, runProperty, type FuzzSettings } from './run-property';
import { send } from './send';

// A busy machine must fail none.
jest.setTimeout(180_000);

const ERROR = 50;

let api: FuzzApi;

afterEach(async () => {
  await api.stop();
});

/** Sends so many requests one after the other; each answer must be as the contract says. */
async function fuzz(settings: FuzzSettings): Promise<{ sent: number; pastValidation: number }> {
  let sent = 0;
  let pastValidation = 0;
  await runProperty(
    fuzzRequest(api.routes, api.world),
    async (generated) => {
      sent += 1;
      const { request, requestId } = identified(generated, `fuzz-${sent}`);
      const callsBefore = api.tableCalls();
      const answer = await send(api.port, request, api.agent);
      if (api.tableCalls() > callsBefore) pastValidation += 1;
      const faults = answerFaults(answer, { ...askedOf(request), requestId }, api);
      return [...faults, ...api.causeOf(answer)];
    },
    settings,
  );
  return { sent, pastValidation };
}

it('answers every request as the contract says, and a third of them get past validation', async () => {
  const settings = fuzzSettings('HTTP in this process', 3_000);
  api = await startFuzzApi(settings.seed);

  const { sent, pastValidation } = await fuzz(settings);

  process.stderr.write(`  ${sent} requests, ${pastValidation} past validation\n`);
  expect(pastValidation / sent).toBeGreaterThan(1 / 3);
  expect(api.logLines.filter(({ level }) => Number(level) >= ERROR)).toEqual([]);
  expect(api.poolViolations()).toEqual([]);
  const reached = new Set(api.logLines.map(({ endpoint }) => endpoint));
  expect(api.routes.map(({ template }) => template).filter((template) => !reached.has(template))).toEqual([]);
});

describe('a fault that somebody adds is found:', () => {
  /** Behind the parts that every request meets, and before all routes. */
  const plant =
    (method: 'get' | 'put', path: string, handle: RequestHandler) =>
    (app: Express): void => {
      app[method](path, handle);
      const { stack } = (app as unknown as { router: { stack: { name: string }[] } }).router;
      const planted = stack.splice(-1);
      stack.splice(
        stack.findIndex(({ name }) => name === 'router'),
        0,
        ...planted,
      );
    };

  it.each<[string, (app: Express) => void, RegExp]>([
    [
      'a route that throws',
      plant('get', '/v1/planted', () => {
        throw new Error('a fault of ours');
      }),
      /^a 500/,
    ],
    [
      'a route that shows a stack trace',
      plant('get', '/v1/planted', (_request, response) => {
        response.status(400).json({ error: String(new Error('x').stack) });
      }),
      /an error that shows/,
    ],
    [
      'a method that is refused in words of its own',
      plant('put', '/v1/allocate', (_request, response) => {
        response.status(405).set('Allow', 'POST').send('No.');
      }),
      /no error in our shape/,
    ],
    [
      'a success with a field that the contract does not have',
      plant('get', '/v1/admin/stats', (_request, response) => {
        response.json({ total: 1, secret: 'x' });
      }),
      /a success of another shape/,
    ],
    [
      'an answer under another request’s id',
      plant('get', '/v1/admin/jobs', (_request, response, next) => {
        response.set('X-Request-ID', 'another');
        next();
      }),
      /the answer to another request/,
    ],
  ])('%s', async (_what, change, message) => {
    api = await startFuzzApi(1, change);

    await expect(fuzz({ seed: 1, numRuns: 500 })).rejects.toThrow(message);
  });
});
