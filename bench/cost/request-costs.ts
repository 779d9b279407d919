import { setTimeout as delay } from 'node:timers/promises';
import { Admin } from '../../test/e2e/support/admin-client';
import { call, Track, type Answer } from '../../test/e2e/support/broker-client';
import { LoadGenerator } from '../load/load-generator';
import type { Measured } from './measured';
import { usageOf, type TestBed } from './test-bed';
import { times } from './usage';

const CLASS_SIZE = 200;
const LONE_STUDENTS = 5;
/** Found candidates are kept for a second (`CandidateFinder`); after that a student is alone. */
const LONE_PAUSE_MS = 1_100;

/** What students' calls use. Needs a pool of some hundred sandboxes more than a class. */
export async function studentCosts({ system, meter }: TestBed, signal: AbortSignal): Promise<Measured[]> {
  const urls = system.apis.map(({ url }) => url);
  const track = new Track(urls, system.brokerApiToken);
  const ports = urls.map((url) => Number(new URL(url).port));
  const load = new LoadGenerator(ports, system.brokerApiToken, signal);
  const held = new Map<string, string>();
  try {
    await load.open(CLASS_SIZE);
    const allocateAll = async (): Promise<void> => {
      const lanes = Array.from({ length: CLASS_SIZE }, (_, student) => [{ caller: `student-${student}` }]);
      const answers = (await load.allocate(lanes)).flat();
      answers.forEach(({ status, body }, student) => {
        if (status >= 300) throw new Error(`Allocation ${student} was answered with ${status}: ${body}`);
        const { sandbox_id: sandboxId } = JSON.parse(body) as { sandbox_id: string };
        held.set(`student-${student}`, sandboxId);
      });
    };
    /** Two holders, two newcomers, and so on: both kinds on each API process. What newcomers get stays theirs. */
    const allocateMixed = async (): Promise<void> => {
      const lanes = Array.from({ length: CLASS_SIZE }, (_, student) => [
        { caller: `${Math.floor(student / 2) % 2 === 0 ? 'student' : 'late'}-${student}` },
      ]);
      const answers = (await load.allocate(lanes)).flat();
      const counts = [200, 201].map((wanted) => answers.filter(({ status }) => status === wanted).length);
      if (counts.some((count) => count !== CLASS_SIZE / 2)) {
        throw new Error(`Of a class of ${CLASS_SIZE}, ${counts.join(' held and ')} got a sandbox`);
      }
    };
    const ofHolders = async (ask: (caller: string, sandboxId: string) => Promise<Answer>): Promise<void> => {
      for (const [caller, sandboxId] of held) expectOk(await ask(caller, sandboxId));
    };
    const each = (name: string, title: string, usage: Measured['usage']): Measured => ({
      name,
      title,
      usage: times(usage, 1 / CLASS_SIZE),
    });

    const inClass = await usageOf(meter, allocateAll);
    const replay = await usageOf(meter, allocateAll);
    const mixed = await usageOf(meter, allocateMixed);
    const look = await usageOf(meter, () => ofHolders((caller, id) => track.get(caller, id)));
    const release = await usageOf(meter, () => ofHolders((caller, id) => track.markForDeletion(caller, id)));
    const again = await usageOf(meter, () => ofHolders((caller, id) => track.markForDeletion(caller, id)));
    const alone = await usageOf(meter, async () => {
      for (let student = 0; student < LONE_STUDENTS; student += 1) {
        await delay(LONE_PAUSE_MS, undefined, { signal });
        expectOk(await track.allocate(`lone-${student}`));
      }
    });
    return [
      each('allocation_in_class', `allocation, one of ${CLASS_SIZE} at once`, inClass),
      {
        name: 'allocation_alone',
        title: 'allocation, alone in its second',
        usage: times(alone, 1 / LONE_STUDENTS),
      },
      each('allocation_replay', 'allocation repeated (200)', replay),
      each(
        'allocation_half_replay',
        `allocation, one of ${CLASS_SIZE} at once of whom half repeat theirs`,
        mixed,
      ),
      each('look', 'look at a sandbox', look),
      each('release', 'mark for deletion', release),
      each('release_repeated', 'mark for deletion repeated', again),
    ];
  } finally {
    await load.stop();
  }
}

/** What admins and machines ask. `poolSize` is named in the titles of what depends on it. */
export async function watcherCosts({ system, meter }: TestBed, poolSize: number): Promise<Measured[]> {
  const admin = new Admin(system);
  const url = system.apis[0]?.url ?? '';
  const scrape = async (): Promise<void> => {
    expectOk(await call('GET', `${url}/metrics`));
  };
  const size = poolSize.toLocaleString('en-US');
  await delay(LONE_PAUSE_MS);
  const counting = await usageOf(meter, scrape);
  const cached = await usageOf(meter, scrape);
  const stats = await usageOf(meter, async () => {
    expectOk(await admin.get('/stats'));
  });
  const page = await usageOf(meter, async () => {
    expectOk(await admin.get('/sandboxes?limit=100'));
  });
  return [
    { name: 'scrape_counting', title: `metrics scrape that counts ${size} sandboxes`, usage: counting },
    { name: 'scrape_cached', title: 'metrics scrape, counted already', usage: cached },
    { name: 'stats', title: `admin stats of ${size} sandboxes`, usage: stats },
    { name: 'admin_page', title: 'admin list, a page of 100', usage: page },
  ];
}

function expectOk({ status, body }: Answer): void {
  if (status >= 300) throw new Error(`The API answered ${status}: ${JSON.stringify(body)}`);
}
