import { isDeepStrictEqual } from 'node:util';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBClient, PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { DynamoTable } from './dynamo-table';
import { attributesOrNothing, isStill, read } from './job-items';
import { JOBS_CONTROL_KEY, knownOr, type Item } from './items';
import {
  JOB_OUTCOMES,
  JOBS_RUNNERS,
  latestLeaseEndMs,
  MAX_FENCING_NUMBER,
  type JobName,
  type JobRun,
  type JobsControl,
  type JobStore,
  type LastRun,
  type Lease,
  type RunTraces,
} from './job-store';
import { StoreUnavailableError, type CallOptions } from './sandbox-store';
import type { TableNames } from './table';

/** Fencing numbers count holders; a number that arithmetic cannot count on with is none. */
const fencingNumber = z.int().min(0).max(MAX_FENCING_NUMBER);

const leaseSchema = z.object({
  holder: z.string(),
  expires_at_ms: z.number(),
  fencing_number: fencingNumber,
});

const runSchema = z.object({
  started_at: z.number(),
  duration_ms: z.number(),
  outcome: knownOr(JOB_OUTCOMES),
  counts: z.record(z.string(), z.number()),
  error: z.string().optional(),
  run_by: z.string(),
  next_due_at: z.number(),
  last_success_at: z.number().optional(),
  fencing_number: z.number().optional(),
});

const controlSchema = z.object({
  runner: z.string(),
  since: z.number().optional(),
  changed_by: z.string().optional(),
  reason: z.string().optional(),
  by_automation: z.boolean().optional(),
  person_changed_at: z.number().optional(),
});

/** The {@link JobStore} on DynamoDB. */
export class DynamoJobStore implements JobStore {
  readonly #table: DynamoTable;

  constructor(client: DynamoDBClient, names: TableNames) {
    this.#table = new DynamoTable(client, names);
  }

  async acquireLease(job: JobName, holder: string, nowMs: number, ttlMs: number): Promise<Lease | undefined> {
    const expiresAtMs = nowMs + ttlMs;
    const { outcome, attributes } = await this.#table.update(
      {
        Key: leaseKey(job),
        UpdateExpression: 'SET holder = :holder, expires_at_ms = :expires ADD fencing_number :one',
        // A comparison with a value of another type is false, so that an item that makes no sense is not taken.
        ConditionExpression:
          'attribute_not_exists(PK) OR ((expires_at_ms <= :now OR holder = :holder) AND fencing_number BETWEEN :zero AND :max)',
        ExpressionAttributeValues: marshall({
          ':holder': holder,
          ':expires': expiresAtMs,
          ':now': nowMs,
          ':one': 1,
          ':zero': 0,
          ':max': MAX_FENCING_NUMBER - 1,
        }),
        ReturnValues: 'ALL_NEW',
      },
      'acquireLease',
    );
    if (outcome.kind === 'written') {
      const lease = leaseSchema.safeParse(attributesOrNothing(attributes));
      if (lease.success) return { job, holder, fencingNumber: lease.data.fencing_number, expiresAtMs };
      // The item had a fencing number that does not count holders, such as a fraction.
    }
    if (outcome.kind === 'changed' || outcome.kind === 'written')
      await this.#replaceOddLease(job, nowMs, ttlMs);
    // A conflict or throttling is no lease either: whoever is due tries again.
    return undefined;
  }

  /** Puts a lease of nobody's, of ordinary length, in the place of one that makes no sense; leaves any other alone. */
  async #replaceOddLease(job: JobName, nowMs: number, ttlMs: number): Promise<void> {
    const item = await this.#table.get(leaseKey(job), 'acquireLease');
    if (!item) return;
    const lease = leaseSchema.safeParse(attributesOrNothing(item));
    const counted = lease.success ? lease.data.fencing_number : 0;
    const isBelieved =
      lease.success &&
      lease.data.expires_at_ms <= latestLeaseEndMs(nowMs, ttlMs) &&
      counted < MAX_FENCING_NUMBER;
    if (isBelieved) return;
    // Above any number that was ever counted, so that a record from under the old lease stays recognizable as older.
    const next = Math.max(Math.floor(nowMs / 1000), counted < MAX_FENCING_NUMBER ? counted + 1 : 0);
    await this.#table.put(
      {
        Item: {
          ...leaseKey(job),
          ...marshall({
            holder: 'nobody (replaced a lease that made no sense)',
            expires_at_ms: nowMs + ttlMs,
            fencing_number: next,
          }),
        },
        ...isStill(item),
      },
      'acquireLease',
    );
  }

  async renewLease(lease: Lease, nowMs: number, ttlMs: number): Promise<Lease | undefined> {
    const expiresAtMs = nowMs + ttlMs;
    const { outcome } = await this.#table.update(
      {
        Key: leaseKey(lease.job),
        UpdateExpression: 'SET expires_at_ms = :expires',
        ConditionExpression: 'holder = :holder AND fencing_number = :fencing AND expires_at_ms > :now',
        ExpressionAttributeValues: marshall({
          ':expires': expiresAtMs,
          ':holder': lease.holder,
          ':fencing': lease.fencingNumber,
          ':now': nowMs,
        }),
      },
      'renewLease',
    );
    if (outcome.kind === 'written') return { ...lease, expiresAtMs };
    if (outcome.kind === 'changed') return undefined;
    // Not refused, only not possible this time: the lease is what it was.
    throw new StoreUnavailableError('renewLease', { cause: new Error(outcome.kind) });
  }

  async releaseLease(lease: Lease): Promise<void> {
    await this.#table.update(
      {
        Key: leaseKey(lease.job),
        // The item stays, for its fencing number.
        UpdateExpression: 'SET expires_at_ms = :zero',
        ConditionExpression: 'holder = :holder AND fencing_number = :fencing',
        ExpressionAttributeValues: marshall({
          ':zero': 0,
          ':holder': lease.holder,
          ':fencing': lease.fencingNumber,
        }),
      },
      'releaseLease',
    );
  }

  async getLease(job: JobName, nowMs: number): Promise<Lease | undefined> {
    const lease = await this.#newestLease(job);
    return lease && lease.expiresAtMs > nowMs ? lease : undefined;
  }

  async getRun(job: JobName, options?: CallOptions): Promise<LastRun | undefined> {
    return (await this.#newestRecord(job, options))?.run;
  }

  async getRunTraces(job: JobName, options?: CallOptions): Promise<RunTraces> {
    const lease = await this.#newestLease(job, options);
    return { lease, recorded: await this.#newestRecord(job, options) };
  }

  async #newestLease(job: JobName, options?: CallOptions): Promise<Lease | undefined> {
    const item = await this.#table.get(leaseKey(job), 'getLease', options);
    if (!item) return undefined;
    const row = read(leaseSchema, item);
    return { job, holder: row.holder, fencingNumber: row.fencing_number, expiresAtMs: row.expires_at_ms };
  }

  async #newestRecord(job: JobName, options?: CallOptions): Promise<RunTraces['recorded']> {
    const item = await this.#table.get(runKey(job), 'getRun', options);
    if (!item) return undefined;
    const row = read(runSchema, item);
    const run: LastRun = {
      job,
      startedAt: row.started_at,
      durationMs: row.duration_ms,
      outcome: row.outcome,
      counts: row.counts,
      error: row.error,
      runBy: row.run_by,
      nextDueAt: row.next_due_at,
      lastSuccessAt: row.last_success_at,
    };
    // Every release writes the number. A record without one was written by a person, and is nobody's run.
    return { run, fencingNumber: row.fencing_number ?? 0 };
  }

  async recordRun(run: JobRun, lease: Lease): Promise<boolean> {
    const isNotOlder = {
      ConditionExpression: 'attribute_not_exists(PK) OR fencing_number <= :fencing',
      ExpressionAttributeValues: marshall({ ':fencing': lease.fencingNumber }),
    };
    if (await this.#putRun(run, lease, isNotOlder)) return true;
    // Nobody can have come later while the lease is still ours: then the number is one that no lease has given.
    const [standing, item] = await Promise.all([
      this.#table.get(leaseKey(run.job), 'recordRun'),
      this.#table.get(runKey(run.job), 'recordRun'),
    ]);
    if (!item || !standing || !isOf(lease, standing)) return false;
    return this.#putRun(run, lease, isStill(item));
  }

  /** False if the condition does not hold. */
  async #putRun(
    run: JobRun,
    lease: Lease,
    condition: Pick<
      PutItemCommandInput,
      'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ): Promise<boolean> {
    const attributes = {
      started_at: run.startedAt,
      duration_ms: run.durationMs,
      outcome: run.outcome,
      counts: run.counts,
      error: run.error,
      run_by: run.runBy,
      next_due_at: run.nextDueAt,
      last_success_at: run.lastSuccessAt,
      fencing_number: lease.fencingNumber,
    };
    const outcome = await this.#table.put(
      {
        Item: { ...runKey(run.job), ...marshall(attributes, { removeUndefinedValues: true }) },
        ...condition,
      },
      'recordRun',
    );
    if (outcome.kind === 'written') return true;
    if (outcome.kind === 'changed') return false;
    throw new StoreUnavailableError('recordRun', { cause: new Error(outcome.kind) });
  }

  async getControl(options?: CallOptions): Promise<JobsControl> {
    const item = await this.#table.get(JOBS_CONTROL_KEY, 'getControl', options);
    if (!item) return { runner: 'worker' };
    const row = read(controlSchema, item);
    const runner = JOBS_RUNNERS.find((known) => known === row.runner);
    return {
      runner: runner ?? 'unknown',
      ...(runner ? {} : { storedRunner: row.runner }),
      since: row.since,
      changedBy: row.changed_by,
      reason: row.reason,
      byAutomation: row.by_automation,
      personChangedAt: row.person_changed_at,
    };
  }

  async setControl(control: JobsControl): Promise<void> {
    const outcome = await this.#table.put({ Item: controlToItem(control) }, 'setControl');
    if (outcome.kind !== 'written') {
      throw new StoreUnavailableError('setControl', { cause: new Error(outcome.kind) });
    }
  }

  async changeControl(seen: JobsControl, next: JobsControl, options?: CallOptions): Promise<boolean> {
    const outcome = await this.#table.put(
      { Item: controlToItem(next), ...controlIsStill(seen) },
      'changeControl',
      options,
    );
    if (outcome.kind === 'written') return true;
    if (outcome.kind === 'changed') {
      // The SDK sends a write again whose answer was lost, and then meets what it has itself written.
      const standing = await this.getControl(options);
      return isDeepStrictEqual(controlToItem(standing), controlToItem(next));
    }
    throw new StoreUnavailableError('changeControl', { cause: new Error(outcome.kind) });
  }
}

function controlAttributes(control: JobsControl): Record<keyof z.infer<typeof controlSchema>, unknown> {
  return {
    // What another release has said stays as it has said it.
    runner: control.runner === 'unknown' ? control.storedRunner : control.runner,
    since: control.since,
    changed_by: control.changedBy,
    reason: control.reason,
    by_automation: control.byAutomation,
    person_changed_at: control.personChangedAt,
  };
}

function controlToItem(control: JobsControl): Item {
  return { ...JOBS_CONTROL_KEY, ...marshall(controlAttributes(control), { removeUndefinedValues: true }) };
}

/** Holds while every attribute is as it was seen: the item has no version, because older releases write none. */
function controlIsStill(
  seen: JobsControl,
): Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  const attributes = Object.entries(controlAttributes(seen));
  const conditions = attributes.map(([name, value]) => {
    const isAbsent = `attribute_not_exists(#${name})`;
    const isSame = `#${name} = :${name}`;
    // No item at all means the worker.
    if (name === 'runner' && value === 'worker') return `(${isSame} OR ${isAbsent})`;
    return value === undefined ? isAbsent : isSame;
  });
  const values = Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value]));
  return {
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(values, { removeUndefinedValues: true }),
  };
}

function isOf(lease: Lease, item: Item): boolean {
  const row = leaseSchema.safeParse(attributesOrNothing(item));
  return row.success && row.data.holder === lease.holder && row.data.fencing_number === lease.fencingNumber;
}

function leaseKey(job: JobName): Item {
  return { PK: { S: `LEASE#${job}` }, SK: { S: 'META' } };
}

function runKey(job: JobName): Item {
  return { PK: { S: `JOB#${job}` }, SK: { S: 'LAST' } };
}
