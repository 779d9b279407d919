import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { allocate } from '../../app/allocation/transitions';
import { QUEUE_POSITION_LIMIT, SHARD_COUNT } from '../../app/store/table';
import { fillPool } from '../../local/fill-pool';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { Admin } from './support/admin-client';
import { call, closeConnections, Track } from './support/broker-client';
import { describeExamples } from './support/describe-examples';
import {
  LANGUAGES,
  POOL_REPORT,
  runExample,
  sourced,
  type ExampleScript,
  type ScriptResult,
} from './support/example-scripts';

/*
 * The scripts in examples/ against a whole system. How they take failures is tested in examples-retries.test.ts.
 */

jest.setTimeout(120_000);

describeExamples('the example scripts', () => {
  let system: LocalSystem;
  let track: Track;
  let home: string;

  beforeAll(async () => {
    system = await startLocalSystem({
      sandboxCount: 30,
      apiTaskCount: 1,
      // Late enough for a script that begins meanwhile to find nobody there.
      respawn: { onEvent: () => undefined, firstDelayMs: 2_000 },
    });
    track = new Track([system.apis[0]?.url ?? ''], system.brokerApiToken);
  });
  afterAll(async () => {
    closeConnections();
    await system.stop();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'examples-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const run = async (
    script: ExampleScript,
    settings: Record<string, string | undefined> = {},
  ): Promise<ScriptResult> =>
    runExample(script, {
      HOME: home,
      BROKER_API_URL: `${system.apis[0]?.url ?? ''}/v1`,
      BROKER_API_TOKEN: system.brokerApiToken,
      ...settings,
    });
  const statusOf = async (caller: string, id: unknown): Promise<unknown> =>
    (await track.get(caller, id)).body.status;

  /** Waits until the process looks again: "empty" holds for a second, and the scripts would wait for thirty. */
  const firstLateSandbox = async (caller: string, prefix: string): Promise<unknown> => {
    for (;;) {
      const { status, body } = await track.allocate(caller, { prefix });
      if (status === 201) return body.sandbox_id;
      await setTimeout(100);
    }
  };

  describe.each(LANGUAGES)('in $name', ({ name, setUp, cleanUp }) => {
    const student = (what: string): { INSTRUQT_PARTICIPANT_ID: string } => ({
      INSTRUQT_PARTICIPANT_ID: `${name} ${what}`,
    });

    it('get a sandbox, the same one again, and give it back, twice', async () => {
      const who = { ...student('happy'), INSTRUQT_TRACK_SLUG: 'first-lab' };

      const first = await run(setUp, who);
      const written = sourced(join(home, 'sandbox.env'));
      const again = await run(setUp, { ...who, SANDBOX_ENV_FILE: join(home, 'again') });

      expect(first).toMatchObject({ exitCode: 0 });
      expect(again).toMatchObject({ exitCode: 0 });
      expect(sourced(join(home, 'again'))).toEqual(written);
      const { body } = await track.get(who.INSTRUQT_PARTICIPANT_ID, written.SANDBOX_ID);
      expect(body).toMatchObject({
        status: 'allocated',
        name: written.SANDBOX_NAME,
        external_id: written.SANDBOX_EXTERNAL_ID,
        track_name: 'first-lab',
        expires_at: Number(written.SANDBOX_EXPIRES_AT),
      });

      expect(await run(cleanUp, who)).toMatchObject({ exitCode: 0 });
      expect(await statusOf(who.INSTRUQT_PARTICIPANT_ID, written.SANDBOX_ID)).toBe('pending_deletion');
      expect(await run(cleanUp, who)).toMatchObject({ exitCode: 0 });
    });

    it('tell of an empty pool, and get a sandbox when there is one', async () => {
      const prefix = `late-${name}-`;
      const who = { ...student('late'), SANDBOX_NAME_PREFIX: prefix };

      const before = await run(setUp, { ...who, BROKER_DEADLINE_SECONDS: '10' });
      const [id, another] = [`late-${name}-1`, `late-${name}-2`];
      const accounts = [id, another].map((sandboxId) => ({
        sandboxId,
        name: prefix + sandboxId,
        externalId: `identity/accounts/${sandboxId}`,
      }));
      await fillPool(system.store, accounts);
      const firstId = await firstLateSandbox(`${name} neighbour`, prefix);
      const after = await run(setUp, who);

      expect(before).toMatchObject({ exitCode: 4 });
      expect(before.stderr).toContain('NO_SANDBOXES_AVAILABLE');
      expect(after).toMatchObject({ exitCode: 0 });
      expect(sourced(join(home, 'sandbox.env'))).toMatchObject({ SANDBOX_ID: firstId === id ? another : id });
    });

    it('carry on when the API is killed and comes back', async () => {
      const who = student('patient');
      process.kill(system.apis[0]?.process.pid ?? 0, 'SIGKILL');

      const result = await run(setUp, who);

      expect(result).toMatchObject({ exitCode: 0 });
      expect(result.stderr).toMatch(/^Try 1: no answer/);
      const { SANDBOX_ID: id } = sourced(join(home, 'sandbox.env'));
      expect(await statusOf(who.INSTRUQT_PARTICIPANT_ID, id)).toBe('allocated');
    });

    it('get one sandbox when the answer that brought it is lost', async () => {
      const who = student('unlucky');
      const door = await startForgetfulDoor(system.apis[0]?.url ?? '');

      const result = await run(setUp, { ...who, BROKER_API_URL: `${door.url}/v1` });
      await door.stop();

      expect(result).toMatchObject({ exitCode: 0 });
      expect(door.statuses).toEqual([201, 200]);
      const held = await new Admin(system).listAll(
        `&caller=${encodeURIComponent(who.INSTRUQT_PARTICIPANT_ID)}`,
      );
      expect(held.map(({ sandbox_id: id }) => id)).toEqual([sourced(join(home, 'sandbox.env')).SANDBOX_ID]);
    });

    it('do not go on with a wrong token, an admin’s token or a wrong URL', async () => {
      const wrong: Record<string, string>[] = [
        { BROKER_API_TOKEN: 'wrong' },
        { BROKER_API_TOKEN: system.brokerAdminToken },
        { BROKER_API_URL: `${system.apis[0]?.url ?? ''}/v2` },
      ];
      for (const settings of wrong) {
        for (const script of [setUp, cleanUp]) {
          const result = await run(script, { ...student('lost'), SANDBOX_ID: '1', ...settings });
          expect(result).toMatchObject({ exitCode: 3 });
          expect(result.stderr).not.toContain('Try 1');
        }
      }
    });

    it('count a sandbox that is gone, or whose time is over, as given back; not another student’s', async () => {
      const who = student('late to clean up');
      const expiredId = await holdExpiredSandbox(system, who.INSTRUQT_PARTICIPANT_ID);
      const { body: others } = await track.allocate(`${name} other`);

      const gone = await run(cleanUp, { ...who, SANDBOX_ID: 'never-was' });
      const expired = await run(cleanUp, { ...who, SANDBOX_ID: expiredId });
      const anothers = await run(cleanUp, { ...who, SANDBOX_ID: String(others.sandbox_id) });

      expect(gone).toMatchObject({ exitCode: 0 });
      expect(expired).toMatchObject({ exitCode: 0 });
      expect(expired.stderr).toContain('its time is over');
      expect(anothers).toMatchObject({ exitCode: 3 });
      expect(anothers.stderr).toContain('NOT_SANDBOX_OWNER');
    });
  });

  it('report the whole pool, page by page', async () => {
    for (const student of ['a', 'b', 'c']) {
      const headers = {
        Authorization: `Bearer ${system.brokerApiToken}`,
        'X-Instruqt-Sandbox-ID': `report ${student}`,
        'X-Instruqt-Track-ID': 'the reported lab',
      };
      await call('POST', `${system.apis[0]?.url ?? ''}/v1/allocate`, headers);
    }
    const { body: stats } = await new Admin(system).get('/stats');

    const result = await run(POOL_REPORT, {
      BROKER_ADMIN_TOKEN: system.brokerAdminToken,
      REPORT_PAGE_SIZE: '2',
      POOL_MIN_AVAILABLE: '1',
    });

    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toMatch(new RegExp(`^${Number(stats.total)} sandboxes\n`));
    expect(result.stdout).toMatch(new RegExp(`allocated +${Number(stats.allocated)}\n`));
    expect(result.stdout).toContain('     3  the reported lab\n');
    const perLab = [...result.stdout.matchAll(/^ +(\d+) {2}\S/gm)].map(([, count]) => Number(count));
    expect(perLab.reduce((sum, count) => sum + count, 0)).toBe(stats.allocated);
  });
});

/** Lets an available sandbox be held by the caller since so long ago that its time and the grace period are over. */
async function holdExpiredSandbox(system: LocalSystem, caller: string): Promise<string> {
  for (let shard = 0; shard < SHARD_COUNT; shard += 1) {
    const segment = { by: 'queuePosition', shard, from: 0, to: QUEUE_POSITION_LIMIT } as const;
    const [candidate] = (await system.store.findAvailable(segment, { limit: 1 })).items;
    if (!candidate) continue;
    const expiresAt = Math.floor(Date.now() / 1000) - 86_400;
    const allocation = { caller, idempotencyKey: caller, allocatedAt: expiresAt - 3_600, expiresAt };
    const outcome = await system.store.allocate(candidate, allocate(candidate, allocation));
    if (outcome.kind === 'allocated') return candidate.sandboxId;
  }
  throw new Error('No sandbox was left to be held');
}

/** Stands before an API and lets everything through, but loses the first answer on its way back. */
async function startForgetfulDoor(
  apiUrl: string,
): Promise<{ url: string; statuses: number[]; stop: () => Promise<void> }> {
  const statuses: number[] = [];
  const server = createServer((incoming, outgoing) => {
    const headers = Object.entries(incoming.headers).filter(([name]) =>
      /^(authorization|x-|idempotency-)/.test(name),
    );
    incoming.resume();
    void call(
      incoming.method ?? '',
      apiUrl + (incoming.url ?? ''),
      Object.fromEntries(headers) as Record<string, string>,
    ).then(
      ({ status, body }) => {
        statuses.push(status);
        if (statuses.length === 1) outgoing.destroy();
        else outgoing.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      },
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statuses,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
