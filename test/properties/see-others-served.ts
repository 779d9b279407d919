import type { Sandbox } from '../../app/allocation/sandbox';
import type { RunResult } from '../../app/jobs/job-runner';
import type { JobName, JobRun } from '../../app/store/job-store';
import { GRACE_SECONDS, LAB_SECONDS } from '../allocation/broker-harness';
import { keyOf } from './ledger';
import { isBeyondProof } from './beyond-proof';
import type { PoolWorld } from './pool-world';
import { Violation } from './violations';
import { LEASE_TTL_MS, MAX_DELETION_ATTEMPTS } from './world-process';

/** A run of cleanup may end early because of the bad ones; each takes what is due in another order. */
const MAX_CLEANUPS = 10;
const BETWEEN_CLEANUPS_MS = 3_600_000;

/**
 * Whatever is wrong with some accounts, rows or one partition, and stays so: all others are added, found missing, taken
 * back, deleted and handed out.
 */
export async function seeOthersServed(world: PoolWorld): Promise<void> {
  const bad = badItems(world);
  if (!bad.areAny) return;
  await seeNewcomersServed(world, bad);
  await runJob(world, 0, 'sync');
  await runJob(world, 1, 'sync');
  await world.pass((LAB_SECONDS + GRACE_SECONDS + 300) * 1_000, false);
  await runJob(world, 0, 'auto-expiry');
  for (const row of world.ledger.allocated()) {
    if (!bad.isBad(row)) fail(world, `${row.sandboxId} is still allocated, long after its time`);
  }
  for (let runs = 0; runs < MAX_CLEANUPS && undeleted(world, bad).length > 0; runs += 1) {
    await runJob(world, runs % 2 === 0 ? 0 : 1, 'cleanup');
    await world.pass(BETWEEN_CLEANUPS_MS, false);
  }
  for (const { sandboxId, status } of undeleted(world, bad)) fail(world, `${sandboxId} is still ${status}`);
  world.throwViolations();
}

interface BadItems {
  areAny: boolean;
  isBad: (row: Sandbox) => boolean;
}

function badItems({ portal, partitions, table }: PoolWorld): BadItems {
  const faulty = new Set([...portal.faultyAccounts()].map((externalId) => keyOf({ externalId })));
  const refused = table.refusedRow?.();
  return {
    areAny: faulty.size > 0 || !partitions.areWell || refused !== undefined,
    isBad: (row) => faulty.has(keyOf(row)) || !partitions.isWell(row.sandboxId) || row.sandboxId === refused,
  };
}

/** What should be deleted by now, given that it could. What was given up before is left for a person. */
function undeleted(world: PoolWorld, bad: BadItems): Sandbox[] {
  const { ledger, partitions } = world;
  // Rows of the release before get the guards of their accounts when sync has seen all of the table, and cleanup waits.
  if (!world.program.hasGuards && partitions.hasUnreadable) return [];
  return [...ledger.rows.values()].filter(
    (row) =>
      // A list is compared with the whole pool before it proves a deletion.
      !(row.status === 'deletion_unconfirmed' && partitions.hasUnreadable) &&
      !isBeyondProof(world, row) &&
      row.status !== 'deleted' &&
      'deletionRetryCount' in row &&
      row.deletionRetryCount < MAX_DELETION_ATTEMPTS &&
      !bad.isBad(row),
  );
}

async function seeNewcomersServed(world: PoolWorld, bad: BadItems): Promise<void> {
  const { ledger, students } = world;
  for (const [index, member] of world.members.entries()) {
    const free = [...ledger.rows.values()].find((row) => row.status === 'available' && !bad.isBad(row));
    if (!free) return;
    const request = { caller: `patient ${index}`, idempotencyKey: 'k' };
    students.isCalm = false;
    const given = await world.calmly(member, () => students.allocate(member, request));
    if (given === undefined) fail(world, `${request.caller} got none, and ${free.sandboxId} was free`);
  }
  world.throwViolations();
}

/** It may end as it likes; only not without having begun, and not as if something unknown had happened. */
async function runJob(world: PoolWorld, index: 0 | 1, job: JobName): Promise<JobRun> {
  const member = world.members[index];
  const run = (): Promise<RunResult> => member.services.runner.runNow(member.services.jobs[job]);
  let result = await world.calmly(member, run);
  if (result.kind === 'busy') {
    await world.pass(2 * LEASE_TTL_MS, false);
    result = await world.calmly(member, run);
  }
  if (result.kind !== 'ran')
    throw new Violation('no job stops for ever', `${job} could not run: ${result.kind}`);
  if (result.run.outcome === 'failed') fail(world, `${job} failed: ${result.run.error ?? ''}`);
  world.throwViolations();
  return result.run;
}

function fail({ ledger }: PoolWorld, what: string): void {
  ledger.fail('one bad item costs that item only', what);
}
