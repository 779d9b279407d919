import { setTimeout as delay } from 'node:timers/promises';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { closeConnections, sandboxIds, tally, Track } from '../e2e/support/broker-client';
import { holdings, scanTable } from '../e2e/support/table-scan';

/*
 * Whole classes against two API processes on the real engine, with the limits at their defaults.
 */

jest.setTimeout(120_000);

let system: LocalSystem;
let track: Track;

async function start(sandboxCount: number): Promise<void> {
  system = await startLocalSystem({ sandboxCount });
  track = new Track(
    system.apis.map(({ url }) => url),
    system.brokerApiToken,
  );
}

/** As the contract asks of a client: repeats what was answered 503, which a machine with much else to do may cause. */
async function allocateAtLast(student: string): ReturnType<Track['allocate']> {
  for (;;) {
    const answer = await track.allocate(student);
    if (answer.status !== 503) return answer;
  }
}

function students(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `student-${index}`);
}

afterEach(async () => {
  closeConnections();
  await system.stop();
});

describe('a class that starts in the same moment', () => {
  it('gets 1,000 different sandboxes for 1,000 students', async () => {
    await start(1_200);

    const answers = await Promise.all(students(1_000).map(allocateAtLast));

    expect(answers.filter(({ status }) => status !== 201 && status !== 200)).toEqual([]);
    expect(new Set(sandboxIds(answers)).size).toBe(1_000);
    const { byClaims, bySandboxes } = holdings(await scanTable(system));
    expect(bySandboxes).toHaveLength(1_000);
    expect(byClaims).toEqual(bySandboxes);
  });

  it('gets exactly as many sandboxes as there are, and the others are told that none is left', async () => {
    await start(300);

    const answers = await Promise.all(students(400).map(allocateAtLast));

    const refusals = answers.filter(({ status }) => status >= 300);
    expect(tally(refusals)).toEqual({ '409 NO_SANDBOXES_AVAILABLE': 100 });
    expect(new Set(sandboxIds(answers)).size).toBe(300);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.headers['retry-after']).toBe('30');
  });

  it('can be killed in half: SIGKILL of one process leaves every claim with its sandbox', async () => {
    await start(700);
    const [first] = system.apis;
    let answered = 0;
    const allocateWithRetries = async (student: string): Promise<string> => {
      for (let tries = 0; tries < 50; tries += 1) {
        try {
          const answer = await track.allocate(student);
          answered += 1;
          // In the middle of the storm, with requests in every stage.
          if (answered === 150) await first?.process.kill('SIGKILL');
          if (answer.status < 300) return String(answer.body.sandbox_id);
        } catch {
          // The process died under the request: a script tries again, and meets the other one.
          await delay(20);
        }
      }
      throw new Error(`${student} got no sandbox`);
    };

    const given = await Promise.all(students(600).map(allocateWithRetries));

    expect(first?.process.isRunning).toBe(false);
    expect(new Set(given).size).toBe(600);
    const { byClaims, bySandboxes } = holdings(await scanTable(system));
    expect(byClaims).toEqual(bySandboxes);
    // Nobody holds a second one that the killed process had given them without an answer.
    expect(bySandboxes).toHaveLength(600);
  });
});

describe('a name prefix', () => {
  it('finds its only match among 5,000 other sandboxes', async () => {
    await start(5_000);
    const added = await system.store.add({
      status: 'available',
      sandboxId: 'rare-1',
      name: 'gpu-lab-0001',
      externalId: 'identity/accounts/rare-1',
      createdAt: 1,
      updatedAt: 1,
      missedSyncs: 0,
      version: 1,
      queuePosition: 4_000_000_000,
    });

    expect(added.kind).toBe('written');
    const found = await track.allocate('student', { prefix: 'gpu-lab' });
    const next = await track.allocate('other-student', { prefix: 'gpu-lab' });

    expect(found.status).toBe(201);
    expect(found.body).toMatchObject({ sandbox_id: 'rare-1', name: 'gpu-lab-0001' });
    expect(tally([next])).toEqual({ '409 NO_SANDBOXES_AVAILABLE': 1 });
  });
});
