import { isGivenUp, isInDeletion, type Sandbox } from '../../app/allocation/sandbox';
import type { JobName, JobRun } from '../../app/store/job-store';
import { GRACE_SECONDS, LAB_SECONDS } from '../allocation/broker-harness';
import { holderName } from './ledger';
import type { PoolWorld } from './pool-world';
import { NAME_PREFIXES } from './program';
import { Violation } from './violations';
import type { WorldMember } from './world-member';
import { pick } from './world-portal';
import { LEASE_TTL_MS, MAX_DELETION_ATTEMPTS } from './world-process';

const DAY_MS = 24 * 3_600_000;
/** With less of what is known than this, sync does not believe a list. */
const MIN_LISTED_SHARE = 0.5;
/** With less of what is in use or available than this, cleanup confirms no deletion. */
const MIN_LISTED_SHARE_TO_CONFIRM = 0.9;
/** So that no "empty" of before is still believed. */
const VERDICT_IS_OVER_MS = 5_000;

/**
 * The end of every world: the weather clears up, and within a few undisturbed runs of the jobs table and portal agree,
 * everybody still has what is theirs, who asks gets what there is, and in the end all is deleted that anybody held.
 */
export async function seeItEndWell(world: PoolWorld): Promise<void> {
  world.calmDown();
  world.students.isCalm = true;
  // The leases of the dead are over, also by a clock that goes behind theirs.
  await world.pass(world.maxClockDifferenceMs + 2 * LEASE_TTL_MS, false);
  await seeSyncAgree(world);
  await seeHoldersKeepTheirs(world);
  await seeNewcomersServed(world);
  await seeAllCleanedUp(world);
  await world.checkTable();
}

async function seeSyncAgree(world: PoolWorld): Promise<void> {
  const { ledger, portal } = world;
  const first = await sync(world, world.members[0]);
  const second = await sync(world, world.members[1]);
  const rows = [...ledger.rows.values()];
  for (const { sandboxId, name } of portal.accounts()) {
    const row = ledger.rows.get(sandboxId);
    if (!row) ledger.fail('nothing lost', `${sandboxId} is in the portal, and not in the table`);
    if (row?.status === 'stale')
      ledger.fail('nothing lost', `${sandboxId} is in the portal, and still stale`);
    if (row?.status === 'available' && row.name !== name) {
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

/** One undisturbed sync; it believes the list exactly when it should. */
async function sync(world: PoolWorld, member: WorldMember): Promise<string> {
  const { ledger, portal } = world;
  // A list that names only what was buried tells nothing about the rest.
  const listed = portal
    .accounts()
    .filter((account) => ledger.rows.get(account.sandboxId)?.status !== 'deleted').length;
  const known = [...ledger.rows.values()].filter(
    ({ status }) => status !== 'stale' && status !== 'deleted' && status !== 'deletion_unconfirmed',
  ).length;
  // Nor does one that names most of what students hold, and few of those that they could get.
  const available = [...ledger.rows.values()].filter(({ status }) => status === 'available');
  const news = portal.accounts().filter(({ sandboxId }) => !ledger.rows.has(sandboxId)).length;
  const missing = available.filter(({ externalId }) => !portal.hasAccount(externalId)).length - news;
  const isPoolListed = missing <= Math.max(2, available.length * MIN_LISTED_SHARE);
  const isTrusted = known === 0 || (listed > 0 && listed >= known * MIN_LISTED_SHARE && isPoolListed);
  const { outcome } = await runJob(world, member, 'sync');
  const expected = isTrusted ? 'success' : 'guarded';
  if (outcome !== expected) {
    ledger.fail('calm calls succeed', `sync ended ${outcome}: ${listed} listed, ${known} known`);
  }
  return outcome;
}

async function seeHoldersKeepTheirs(world: PoolWorld): Promise<void> {
  const { ledger, students } = world;
  for (const { sandboxId, allocation } of ledger.allocated()) {
    const member = world.members[allocation.expiresAt % 2 === 0 ? 0 : 1];
    if (member.clock.nowMs() / 1000 > allocation.expiresAt + GRACE_SECONDS) continue;
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
    const { sandboxId, status } = row;
    if (!isInDeletion(row) || isBeyondProof(world, row)) continue;
    ledger.fail('all is cleaned up in the end', `${sandboxId} is still ${status}`);
  }
  for (const { sandboxId, externalId } of portal.accounts()) {
    if (!ledger.usedIds.has(sandboxId) || ledger.writtenOff.has(sandboxId)) continue;
    ledger.fail('all is cleaned up in the end', `somebody held ${sandboxId}, and ${externalId} lives`);
  }
  world.throwViolations();
}

function isAnythingDue({ ledger }: PoolWorld): boolean {
  return [...ledger.rows.values()].some(
    (row) => isInDeletion(row) && !(row.status === 'deletion_failed' && isGivenUp(row)),
  );
}

/** Gone, but the list lacks so many accounts in use or available that cleanup rightly believes none of it. */
function isBeyondProof({ ledger, portal }: PoolWorld, row: Sandbox): boolean {
  if (row.status !== 'deletion_unconfirmed' || portal.hasAccount(row.externalId)) return false;
  const inUse = [...ledger.rows.values()].filter(({ status }) => ['available', 'allocated'].includes(status));
  const listed = inUse.filter(({ externalId }) => portal.hasAccount(externalId));
  return listed.length < inUse.length * MIN_LISTED_SHARE_TO_CONFIRM;
}

/** A job, undisturbed: nobody stands in its way. */
async function runJob(world: PoolWorld, member: WorldMember, job: JobName): Promise<JobRun> {
  const result = await world.calmly(member, () => member.services.runner.runNow(member.services.jobs[job]));
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
