import { isGivenUp, isInDeletion } from '../../app/allocation/sandbox';
import { JOB_NAMES, type JobName, type JobRun } from '../../app/store/job-store';
import type { RunResult } from '../../app/jobs/job-runner';
import { GRACE_SECONDS, LAB_SECONDS } from '../allocation/broker-harness';
import { isBeyondProof } from './beyond-proof';
import { holderName, keyOf } from './ledger';
import type { PoolWorld } from './pool-world';
import { NAME_PREFIXES } from './program';
import { seeOthersServed } from './see-others-served';
import { Violation } from './violations';
import type { WorldMember } from './world-member';
import { pick } from './world-portal';
import { LEASE_TTL_MS, MAX_DELETION_ATTEMPTS } from './world-process';

const DAY_MS = 24 * 3_600_000;
/** So that no "empty" of before is still believed. */
const VERDICT_IS_OVER_MS = 5_000;

/**
 * The end of every world: the weather clears up, and within a few undisturbed runs of the jobs table and portal agree,
 * everybody still has what is theirs, who asks gets what there is, and in the end all is deleted that anybody held. In
 * every other world that has bad items, all else comes to its end beside them before they are mended.
 */
export async function seeItEndWell(world: PoolWorld): Promise<void> {
  world.calmDown();
  // The leases of the dead are over, also by a clock that goes behind theirs.
  await world.pass(world.maxClockDifferenceMs + 2 * LEASE_TTL_MS, false);
  if (world.program.seed % 2 === 0) await seeOthersServed(world);
  world.mend();
  world.students.isCalm = true;
  await world.pass(2 * LEASE_TTL_MS, false);
  await seeSyncAgree(world);
  await seeHoldersKeepTheirs(world);
  await seeNewcomersServed(world);
  await seeAllCleanedUp(world);
  await seeJobsGoOn(world);
  await world.checkTable();
}

/** Left to themselves, all jobs are due again within two of their intervals. */
async function seeJobsGoOn(world: PoolWorld): Promise<void> {
  await world.pass(2 * DAY_MS, false);
  for (const job of JOB_NAMES) {
    const [member] = world.members;
    const run = (): Promise<RunResult> => member.services.runner.runIfDue(member.services.jobs[job]);
    let result = await world.calmly(member, run);
    if (result.kind === 'busy') {
      await world.pass(2 * LEASE_TTL_MS, false);
      result = await world.calmly(member, run);
    }
    if (result.kind !== 'ran')
      world.ledger.fail('no job stops for ever', `${job} after two days: ${result.kind}`);
  }
  await world.calmly(world.members[1], () => world.members[1].services.jobsService.overview());
  await world.calmly(world.members[0], () => world.members[0].services.admin.stats());
  world.throwViolations();
}

async function seeSyncAgree(world: PoolWorld): Promise<void> {
  if (world.program.table === 'lost') {
    await sync(world, world.members[0]);
    if (world.ledger.rows.size > 0)
      world.ledger.fail('one use', 'a table that belongs to no portal has rows');
    world.throwViolations();
    return;
  }
  const { ledger, portal } = world;
  const first = await sync(world, world.members[0]);
  const second = await sync(world, world.members[1]);
  const rows = [...ledger.rows.values()];
  const unreadable = new Set(ledger.unreadable.values());
  for (const account of portal.accounts()) {
    const { sandboxId, externalId, name } = account;
    const key = keyOf(account);
    const row = rows.find((each) => keyOf(each) === key);
    // Its number may be that of a row that stands for another account, and it may have been used before.
    const isKept =
      ledger.rows.has(sandboxId) || ledger.unreadable.has(sandboxId) || ledger.usedAccounts.has(key);
    if (!row && !isKept && !unreadable.has(key))
      ledger.fail('nothing lost', `${externalId} is in the portal, and not in the table`);
    if (row?.status === 'stale' && row.sandboxId === sandboxId)
      ledger.fail('nothing lost', `${externalId} is in the portal, and still stale`);
    if (row?.status === 'available' && row.sandboxId === sandboxId && row.name !== name) {
      ledger.fail('nothing lost', `${sandboxId} is called ${name}, and the table says ${row.name}`);
    }
  }
  if (first !== 'success' || second !== 'success') return;
  for (const { sandboxId, externalId } of rows.filter(({ status }) => status === 'available')) {
    if (portal.hasAccount(externalId)) continue;
    ledger.fail(
      'no dead account on offer',
      `${sandboxId} is available after two syncs, and not in the portal`,
    );
  }
  world.throwViolations();
}

/** One undisturbed sync. It must believe a list that lacks nothing, and none without any account: between is its own choice. */
async function sync(world: PoolWorld, member: WorldMember): Promise<string> {
  const { ledger, portal } = world;
  const expected = [...ledger.rows.values()].filter(
    ({ status }) => status !== 'stale' && status !== 'deleted' && status !== 'deletion_unconfirmed',
  );
  const listedCount = expected.filter(({ externalId }) => portal.hasAccount(externalId)).length;
  const { outcome } = await runJob(world, member, 'sync');
  const isNoneListed = portal.accounts().length === 0 && ledger.available.count(undefined) > 0;
  const isWrong =
    listedCount === expected.length ? outcome !== 'success' : isNoneListed && outcome !== 'guarded';
  if (world.program.table === 'lost' ? outcome !== 'guarded' : isWrong) {
    const what = `sync ended ${outcome}: ${listedCount} of ${expected.length} are listed`;
    ledger.fail('calm calls succeed', what);
  }
  return outcome;
}

async function seeHoldersKeepTheirs(world: PoolWorld): Promise<void> {
  const { ledger, students } = world;
  for (const { sandboxId, allocation } of ledger.allocated()) {
    const member = world.members[allocation.expiresAt % 2 === 0 ? 0 : 1];
    if (member.clock.latestNowSeconds() > allocation.expiresAt + GRACE_SECONDS) continue;
    const { caller, idempotencyKey } = allocation;
    const given = await world.calmly(member, () => students.allocate(member, { caller, idempotencyKey }));
    if (given !== sandboxId) {
      ledger.fail(
        'held until released or over',
        `${holderName(allocation)} had ${sandboxId}, and is given ${given ?? 'none'}`,
      );
    }
  }
  world.throwViolations();
}

/** One at each process, with and without a prefix: that nothing is there takes long to find out. */
async function seeNewcomersServed(world: PoolWorld): Promise<void> {
  const { ledger, students } = world;
  const prefix = pick(NAME_PREFIXES, world.program.seed);
  const prefixes = world.program.seed % 2 === 0 ? [prefix, undefined] : [undefined, prefix];
  for (const [index, member] of world.members.entries()) {
    await world.pass(VERDICT_IS_OVER_MS, false);
    const namePrefix = prefixes[index];
    const isAny = ledger.available.count(namePrefix) > 0;
    const request = { caller: `newcomer ${index}`, idempotencyKey: 'k', namePrefix };
    const given = await world.calmly(member, () => students.allocate(member, request));
    if ((given !== undefined) === isAny) continue;
    ledger.fail('no false 409', `${request.caller} got ${given ?? 'none'} of ${namePrefix ?? 'any'}`);
  }
  world.throwViolations();
}

async function seeAllCleanedUp(world: PoolWorld): Promise<void> {
  const { ledger, portal } = world;
  const [member] = world.members;
  await world.pass(world.maxClockDifferenceMs + (LAB_SECONDS + GRACE_SECONDS + 60) * 1_000, false);
  await runJob(world, member, 'auto-expiry');
  for (const { sandboxId } of ledger.allocated()) {
    ledger.fail('all is cleaned up in the end', `${sandboxId} is still allocated, long after its time`);
  }
  for (let attempt = 0; attempt < MAX_DELETION_ATTEMPTS && isAnythingDue(world); attempt += 1) {
    await runJob(world, member, 'cleanup');
    await world.pass(world.maxClockDifferenceMs + DAY_MS, false);
  }
  for (const row of ledger.rows.values()) {
    if (row.status !== 'deletion_failed' || !isGivenUp(row)) continue;
    await world.calmly(member, () => member.services.admin.retryDeletion(row.sandboxId));
  }
  if (isAnythingDue(world)) await runJob(world, member, 'cleanup');
  for (const row of ledger.rows.values()) {
    if (!isInDeletion(row) || isBeyondProof(world, row)) continue;
    ledger.fail('all is cleaned up in the end', `${row.sandboxId} is still ${row.status}`);
  }
  const unreadable = new Set(ledger.unreadable.values());
  for (const account of portal.accounts()) {
    const key = keyOf(account);
    if (!ledger.usedAccounts.has(key) || ledger.buriedAccounts.has(key) || unreadable.has(key)) continue;
    if (world.program.table === 'lost') continue;
    ledger.fail('all is cleaned up in the end', `somebody held ${account.externalId}, and it lives`);
  }
  world.throwViolations();
}

function isAnythingDue({ ledger }: PoolWorld): boolean {
  return [...ledger.rows.values()].some(
    (row) => isInDeletion(row) && !(row.status === 'deletion_failed' && isGivenUp(row)),
  );
}

/** A job, undisturbed: nobody stands in its way. */
async function runJob(world: PoolWorld, member: WorldMember, job: JobName): Promise<JobRun> {
  const run = (): Promise<RunResult> => member.services.runner.runNow(member.services.jobs[job]);
  let result = await world.calmly(member, run);
  if (result.kind === 'busy') {
    // A lease that nobody can have written is noticed by the first who asks, and over by the next.
    await world.pass(2 * LEASE_TTL_MS, false);
    result = await world.calmly(member, run);
  }
  if (result.kind !== 'ran')
    throw new Violation('calm calls succeed', `${job} could not run: ${result.kind}`);
  const isGood = ['success', 'guarded'].includes(result.run.outcome);
  if (!isGood)
    throw new Violation(
      'calm calls succeed',
      `${job} ended ${result.run.outcome}: ${result.run.error ?? ''}`,
    );
  return result.run;
}
