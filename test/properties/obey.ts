import { assertNever, NEVER_SECONDS } from '../../app/allocation/sandbox';
import { JOB_NAMES } from '../../app/store/job-store';
import type { PoolWorld } from './pool-world';
import type { Command } from './program';
import type { DamageKind, StoredDamage } from './stored-damage';
import { pick } from './world-portal';

/** Does what a command says; what it begins goes on beside the commands that follow. */
export async function obey(world: PoolWorld, command: Command): Promise<void> {
  const { portal, ledger, students } = world;
  const member = world.members[command.process];
  switch (command.do) {
    case 'allocate': {
      const { caller, key, namePrefix } = command;
      const request = { caller, idempotencyKey: key, namePrefix };
      await world.begin(member, `allocate ${caller}/${key}`, () => students.allocate(member, request));
      return;
    }
    case 'mark':
    case 'get': {
      const own = students.lastSandbox.get(command.caller);
      const sandboxId = command.whose === 'own' ? own : pick([...ledger.rows.keys()], command.choice);
      if (sandboxId === undefined) return;
      const { caller } = command;
      const call = (): Promise<void> =>
        command.do === 'get'
          ? students.get(member, sandboxId, caller)
          : students.release(member, sandboxId, caller);
      await world.begin(member, `${command.do} ${sandboxId} for ${caller}`, call);
      return;
    }
    case 'job': {
      const { runner, jobs } = member.services;
      const job = jobs[command.job];
      await world.begin(member, job.name, async () => {
        const result = await (command.onlyIfDue ? runner.runIfDue(job) : runner.runNow(job));
        ledger.count(`a job ${result.kind}`);
      });
      return;
    }
    case 'bulk-delete':
      await world.begin(member, 'bulk-delete', () => member.services.admin.bulkDelete(command.status));
      return;
    case 'retry-deletion': {
      const failed = [...ledger.rows.values()].filter(
        ({ status }) => status === 'deletion_failed' || status === 'deletion_unconfirmed',
      );
      const row = pick(failed, command.choice);
      if (row)
        await world.begin(member, 'retry-deletion', () => member.services.admin.retryDeletion(row.sandboxId));
      return;
    }
    case 'pass':
      await world.pass(command.durationMs, command.isStalled);
      return;
    case 'portal':
      portal.mood = command.mood;
      return;
    case 'portal list':
      portal.listMood = command.mood;
      return;
    case 'create':
      ledger.tell(`the portal has a new account ${portal.create(command.namePrefix).sandboxId}`);
      return;
    case 'rename':
      ledger.tell(`the portal renames ${portal.rename(command.choice, command.namePrefix) ?? 'nothing'}`);
      return;
    case 'vanish':
      ledger.tell(`${portal.vanish(command.choice) ?? 'nothing'} vanishes from the portal`);
      return;
    case 'come back':
      ledger.tell(`${portal.comeBack(command.choice) ?? 'nothing'} comes back to the portal`);
      return;
    case 'spoil':
      ledger.tell(`${portal.spoil(command.choice, command.fault) ?? 'nothing'} is ${command.fault}`);
      return;
    case 'change number':
      ledger.tell(`${portal.changeNumber(command.choice, command.change) ?? 'nothing'} has another number`);
      return;
    case 'partition':
      world.partitions.set(command.shard, command.effect);
      return;
    case 'refuse row':
      world.table.refuse?.(pick([...ledger.rows.keys()], command.choice));
      return;
    case 'damage':
      await damage(world, command.kind, command.choice, command.byMs);
      return;
    case 'look':
      await world.begin(member, 'look', async () => {
        await member.services.jobsService.overview();
        await member.services.admin.stats();
      });
      return;
    case 'kill':
      world.kill(command.process);
      return;
    case 'drain':
      await world.drain(command.process);
      return;
    case 'freeze':
      world.freeze(command.process, command.durationMs);
      return;
    case 'jump':
      world.jump(command.process, command.byMs);
      return;
    default:
      assertNever(command);
  }
}

/** Has a record written that the broker would never write. */
async function damage(world: PoolWorld, kind: DamageKind, choice: number, byMs: number): Promise<void> {
  const { ledger, table } = world;
  const atMs = world.time.nowMs() + byMs;
  const job = pick(JOB_NAMES, choice) ?? 'sync';
  const word = 'postponed';
  const isDone = async (done: StoredDamage): Promise<boolean> => {
    const isWritten = await table.damage(done);
    if (isWritten) ledger.tell(`somebody writes ${JSON.stringify(done)}`);
    return isWritten;
  };
  switch (kind) {
    case 'due time':
      await isDone({ kind, job, atMs });
      return;
    case 'lease':
      // It may have taken the lease away from a run that goes on beside the next one, as far as fencing lets it.
      if (await isDone({ kind, job, atMs })) ledger.leasesWrittenByHand.add(job);
      return;
    case 'outcome':
      await isDone({ kind, job, word });
      return;
    case 'runner':
      await isDone({ kind, word });
      return;
    case 'status':
    case 'broken row': {
      const row = pick(
        [...ledger.rows.values()].filter(({ status }) => status !== 'allocated'),
        choice,
      );
      if (!row) return;
      const { sandboxId } = row;
      const what: StoredDamage = kind === 'status' ? { kind, sandboxId, word } : { kind, sandboxId };
      if (await isDone(what)) ledger.corrupt(row, false);
      return;
    }
    case 'attempt time': {
      const due = [...ledger.rows.values()].filter(
        (row) => 'nextAttemptAt' in row && row.nextAttemptAt < NEVER_SECONDS,
      );
      const row = pick(due, choice);
      if (!row || !('nextAttemptAt' in row)) return;
      const { sandboxId } = row;
      if (await isDone({ kind, sandboxId, atMs }))
        ledger.corrupt({ ...row, nextAttemptAt: Math.floor(atMs / 1000) }, true);
      return;
    }
  }
}
