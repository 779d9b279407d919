import { Agent } from 'node:http';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { poolViolations } from '../fakes/pool-invariants';
import { answerFaults, isRefusal } from '../fuzz/answer-faults';
import { startFuzzApi } from '../fuzz/fuzz-api';
import { askedOf, fuzzRequest, identified } from '../fuzz/fuzz-request';
import { realListings, type KnownWorld } from '../fuzz/known-world';
import { exchangeRaw } from '../fuzz/raw-exchange';
import { rawRequest, shownRaw } from '../fuzz/raw-request';
import type { ListedRoute } from '../fuzz/route-list';
import { fuzzSettings, runProperty } from '../fuzz/run-property';
import { send } from '../fuzz/send';
import { call, closeConnections, Track } from './support/broker-client';
import { scanTable } from './support/table-scan';

/*
 * The processes that are shipped, the engine and a portal: what no fake knows, such as keys that DynamoDB refuses.
 */

// A busy machine must fail none.
jest.setTimeout(240_000);

const WIDE_OPEN = '1000000';
const AT_ONCE = 8;
const MAX_MEMORY_BYTES = 400 * 1024 * 1024;

/** Errors that only come from rules behind validation, where the table has been asked. */
const RULE_CODES = /SANDBOX_NOT_FOUND|NOT_SANDBOX_OWNER|NO_SANDBOXES|JOB_RUNNING|DELETION_NOT_FAILED|EXPIRED/;

let system: LocalSystem;
let world: KnownWorld;
let served: { routes: ListedRoute[]; basePath: string };
let agent: Agent;
let turn = 0;
let pids: (number | undefined)[];

beforeAll(async () => {
  const inThisProcess = await startFuzzApi(1);
  const { routes, basePath } = inThisProcess;
  await inThisProcess.stop();
  served = { routes, basePath };
  system = await startLocalSystem({
    sandboxCount: 400,
    apiEnvironment: {
      CLEANUP_BATCH_DELAY_SEC: '0',
      RATE_LIMIT_PER_SECOND: WIDE_OPEN,
      RATE_LIMIT_BURST: WIDE_OPEN,
      RATE_LIMIT_PER_IP_PER_SECOND: WIDE_OPEN,
      RATE_LIMIT_PER_IP_BURST: WIDE_OPEN,
    },
  });
  pids = system.apis.map(({ process }) => process.pid);
  agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  world = await knownWorld();
});

afterAll(async () => {
  agent.destroy();
  closeConnections();
  await system.stop();
});

/** Callers who hold something, and the ids that they and nobody hold. */
async function knownWorld(): Promise<KnownWorld> {
  const callers = ['student-1', 'student-2', 'student 3/%#?&=', 'a'.repeat(256), '__proto__'];
  const track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
  const held = await Promise.all(
    callers.flatMap((caller) => ['held-1', 'held-2'].map((key) => track.allocate(caller, { key }))),
  );
  const { accounts } = await system.csp.listSandboxes();
  const ids = held.map(({ body }) => String(body.sandbox_id));
  const tokens = {
    trackToken: system.brokerApiToken,
    adminToken: system.brokerAdminToken,
    basePath: served.basePath,
  };
  return {
    ...tokens,
    listings: await realListings(nextPort(), tokens),
    callers,
    sandboxIds: [...ids, ...accounts.slice(0, 20).map(({ sandboxId }) => sandboxId)],
    namePrefixes: ['csp-', 'csp-sandbox-00'],
  };
}

function nextPort(): number {
  turn += 1;
  return Number(new URL(system.apis[turn % system.apis.length]?.url ?? '').port);
}

it('answers every request as the contract says, and a third of them get past validation', async () => {
  const settings = fuzzSettings('HTTP on real processes', 1_000);
  let sent = 0;
  let pastValidation = 0;

  await runProperty(
    fuzzRequest(served.routes, world),
    async (generated) => {
      sent += 1;
      const { request, requestId } = identified(generated, `fuzz-${sent}`);
      const answer = await send(nextPort(), request, agent);
      const asked = askedOf(request);
      const isApi = asked.path?.startsWith(`${served.basePath}/`) === true;
      const isDone = answer.status < 300 && isApi && asked.method !== 'OPTIONS';
      if (isDone || RULE_CODES.test(answer.text)) pastValidation += 1;
      return answerFaults(answer, { ...asked, requestId }, served);
    },
    { ...settings, batchSize: AT_ONCE },
  );

  process.stderr.write(`  ${sent} requests, ${pastValidation} past validation\n`);
  expect(pastValidation / sent).toBeGreaterThan(1 / 3);
});

it('answers bytes that are hardly HTTP with nothing but well-formed errors', async () => {
  const settings = fuzzSettings('raw connections to real processes', 400);
  let refused = 0;

  await runProperty(
    rawRequest(served.routes, world),
    async (pieces) => {
      const { answers, faults } = await exchangeRaw(nextPort(), pieces);
      refused += answers.filter(isRefusal).length;
      return [...faults, ...answers.flatMap((answer) => answerFaults(answer, {}, served))];
    },
    { ...settings, batchSize: 2 * AT_ONCE, show: shownRaw },
  );

  expect(refused).toBeGreaterThan(settings.numRuns / 10);
});

it('has left the same processes, of the same size, with nothing to complain about and a pool in order', async () => {
  expect(system.apis.map(({ process }) => process.pid)).toEqual(pids);
  for (const { url, process } of system.apis) {
    const complaints = process.stdout.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
    expect(complaints).toEqual([]);
    expect(process.stderr).toBe('');
    expect(process.stdout).toContain('"action":"refuse"');
    const metrics = String((await call('GET', `${url}/metrics`)).body.text);
    expect(valueOf(metrics, 'process_resident_memory_bytes')).toBeLessThan(MAX_MEMORY_BYTES);
    expect(valueOf(metrics, 'broker_http_refusals_total{reason="malformed"}')).toBeGreaterThan(0);
  }
  expect(poolViolations(await scanTable(system))).toEqual([]);
});

function valueOf(metrics: string, sample: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1));
}
