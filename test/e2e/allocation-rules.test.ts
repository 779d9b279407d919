import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { closeConnections, sandboxIds, tally, Track } from './support/broker-client';

/*
 * What one caller may count on, over HTTP, two API processes and the real engine.
 */

jest.setTimeout(60_000);

let system: LocalSystem;
let track: Track;

beforeAll(async () => {
  system = await startLocalSystem({ sandboxCount: 60 });
  track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
});

afterAll(async () => {
  closeConnections();
  await system.stop();
});

describe('allocate', () => {
  it('gives 50 simultaneous calls of one caller one sandbox: one 201, the others 200', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => track.allocate('impatient')));

    expect(tally(answers)).toEqual({ '201': 1, '200': 49 });
    expect(new Set(sandboxIds(answers)).size).toBe(1);
  });

  it('gives one caller with two keys two sandboxes', async () => {
    const answers = [
      await track.allocate('two-keys', { key: 'first' }),
      await track.allocate('two-keys', { key: 'second' }),
      await track.allocate('two-keys', { key: 'first' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200]);
    const [first, second, again] = sandboxIds(answers);
    expect(second).not.toBe(first);
    expect(again).toBe(first);
  });

  it('keeps caller a#b with key c apart from caller a with key b#c', async () => {
    const answers = [await track.allocate('a#b', { key: 'c' }), await track.allocate('a', { key: 'b#c' })];

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set(sandboxIds(answers)).size).toBe(2);
  });

  it("never answers with another caller's sandbox, whatever key is sent", async () => {
    const victim = await track.allocate('victim', { key: 'shared-key' });
    const thief = await track.allocate('thief', { key: 'shared-key' });
    const bold = await track.allocate('thief', { key: 'victim' });

    expect([thief.status, bold.status]).toEqual([201, 201]);
    expect(new Set(sandboxIds([victim, thief, bold])).size).toBe(3);
  });

  it('answers with what the script needs', async () => {
    const { body } = await track.allocate('reader');

    const account = (await system.csp.listSandboxes()).accounts.find(
      ({ sandboxId }) => sandboxId === body.sandbox_id,
    );
    expect(body).toEqual({
      sandbox_id: account?.sandboxId,
      name: account?.name,
      external_id: account?.externalId,
      sfdc_account_id: account?.sfdcAccountId,
      allocated_at: expect.any(Number) as number,
      expires_at: Number(body.allocated_at) + 4 * 3_600,
    });
  });
});

describe('mark-for-deletion', () => {
  it('answers 200 when repeated, and lets the caller allocate another sandbox', async () => {
    const first = await track.allocate('returning');
    const id = first.body.sandbox_id;

    const marked = [
      await track.markForDeletion('returning', id),
      await track.markForDeletion('returning', id),
    ];
    const second = await track.allocate('returning');

    expect(marked.map(({ status }) => status)).toEqual([200, 200]);
    expect(marked.map(({ body }) => body)).toEqual([
      expect.objectContaining({ sandbox_id: id, status: 'pending_deletion' }),
      marked[0]?.body,
    ]);
    expect(second.status).toBe(201);
    expect(second.body.sandbox_id).not.toBe(id);
  });

  it('is refused to everyone else, who do not learn who the owner is', async () => {
    const { body } = await track.allocate('secretive-owner');

    const answers = [
      await track.markForDeletion('stranger', body.sandbox_id),
      await track.get('stranger', body.sandbox_id),
    ];

    expect(tally(answers)).toEqual({ '403 NOT_SANDBOX_OWNER': 2 });
    expect(JSON.stringify(answers)).not.toContain('secretive-owner');
    expect((await track.get('secretive-owner', body.sandbox_id)).body).toMatchObject({ status: 'allocated' });
  });
});
