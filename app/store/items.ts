import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import {
  assertNever,
  SANDBOX_STATUSES,
  type Allocation,
  type Claim,
  type Sandbox,
} from '../allocation/sandbox';
import { shardOf, TTL_ATTRIBUTE } from './table';
import { reportUnreadable } from './unreadable-records';

/*
 * Between the domain and the table's items. The attribute names are the data model of docs/architecture.md; nobody
 * else spells them.
 */

export type Item = Record<string, AttributeValue>;

type Attributes = Record<string, string | number | undefined>;

/** The primary key of a sandbox's row. */
export function sandboxKey(sandboxId: string): Item {
  return { PK: { S: `SBX#${sandboxId}` }, SK: { S: 'META' } };
}

/** The id of the sandbox whose row has this primary key. */
export function sandboxIdOf(key: Item): string {
  return key.PK?.S?.slice('SBX#'.length) ?? '';
}

/**
 * The primary key of a claim. Both parts are percent-encoded, so that `#` can only be our separator and no two
 * pairs of caller and key share an item.
 */
export function claimKey(caller: string, idempotencyKey: string): Item {
  return {
    PK: { S: `CLAIM#${encodeURIComponent(caller)}#${encodeURIComponent(idempotencyKey)}` },
    SK: { S: 'META' },
  };
}

/** The primary key of the guard of an account: which row stands, or once stood, for it. */
export function accountGuardKey(accountKey: string): Item {
  return { PK: { S: `ACCOUNT#${accountKey}` }, SK: { S: 'META' } };
}

/** Which portal the table belongs to. */
export const PORTAL_BINDING_KEY: Item = { PK: { S: 'CONTROL#portal' }, SK: { S: 'META' } };

/** The partition of the word on who runs the background jobs. */
export const JOBS_CONTROL_PARTITION = 'CONTROL#jobs';

/** Who runs the background jobs. */
export const JOBS_CONTROL_KEY: Item = { PK: { S: JOBS_CONTROL_PARTITION }, SK: { S: 'META' } };

/** All rollbacks in one partition: a few entries a month, listed with one query (docs/adr/0008). */
export const ROLLBACK_PARTITION = 'ROLLBACK';

/** The hash key under which the status and name indexes hold one shard of a status. */
export function statusShard(status: Sandbox['status'], shard: number): string {
  return `${status}#${shard}`;
}

/** The whole claim item. */
export function claimToItem(claim: Claim, nowSeconds: number): Item {
  return {
    ...claimKey(claim.caller, claim.idempotencyKey),
    ...marshall(
      {
        caller: claim.caller,
        idempotency_key: claim.idempotencyKey,
        sandbox_id: claim.sandboxId,
        created_at: nowSeconds,
        call_id: claim.callId,
      },
      { removeUndefinedValues: true },
    ),
  };
}

const claimSchema = z.object({
  caller: z.string(),
  idempotency_key: z.string(),
  sandbox_id: z.string(),
  call_id: z.string().optional(),
});

/** Reads a claim. Throws {@link CorruptItemError} if it is none. */
export function claimFromItem(item: Item): Claim {
  const claim = parseItem(claimSchema, item);
  return {
    caller: claim.caller,
    idempotencyKey: claim.idempotency_key,
    sandboxId: claim.sandbox_id,
    ...(claim.call_id === undefined ? {} : { callId: claim.call_id }),
  };
}

/** The whole sandbox item, keys included. Only for rows that do not exist yet. */
export function sandboxToItem(sandbox: Sandbox): Item {
  return {
    ...sandboxKey(sandbox.sandboxId),
    ...marshall(attributesOf(sandbox), { removeUndefinedValues: true }),
  };
}

/** The condition of every write to an existing row: it is still at the status and version that the writer saw. */
export function unchangedSince(seen: Sandbox): Omit<UpdateParts, 'UpdateExpression'> {
  return {
    ConditionExpression: '#status = :before_status AND #version = :before_version',
    ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
    ExpressionAttributeValues: marshall({ ':before_status': seen.status, ':before_version': seen.version }),
  };
}

/** What an update must say to turn one state of a row into the next, and nothing else. */
export interface UpdateParts {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Item;
}

/**
 * The update that leads from `before` to `after`: it touches only the attributes in which they differ, so that what
 * a newer release keeps in the row survives, and holds only while the row is at the status and version of `before`.
 */
export function updateBetween(before: Sandbox, after: Sandbox): UpdateParts {
  const old = attributesOf(before);
  const next = attributesOf(after);
  const changed = [...new Set([...Object.keys(old), ...Object.keys(next)])].filter(
    (name) => old[name] !== next[name],
  );
  const setClauses = changed.filter((name) => next[name] !== undefined).map((name) => `#${name} = :${name}`);
  const removeClauses = changed.filter((name) => next[name] === undefined).map((name) => `#${name}`);
  const values = Object.fromEntries(changed.map((name) => [`:${name}`, next[name]]));
  const condition = unchangedSince(before);
  return {
    ...condition,
    UpdateExpression:
      `SET ${setClauses.join(', ')}` +
      (removeClauses.length > 0 ? ` REMOVE ${removeClauses.join(', ')}` : ''),
    ExpressionAttributeNames: {
      ...condition.ExpressionAttributeNames,
      ...Object.fromEntries(changed.map((name) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ...condition.ExpressionAttributeValues,
      ...marshall(values, { removeUndefinedValues: true }),
    },
  };
}

/** Every attribute of a state; `undefined` where the state has none. A tombstone leaves all indexes. */
function attributesOf(sandbox: Sandbox): Attributes {
  const allocation: Partial<Allocation> = ('allocation' in sandbox ? sandbox.allocation : undefined) ?? {};
  const deletion = 'deletionRequestedAt' in sandbox ? sandbox : undefined;
  const isTombstone = sandbox.status === 'deleted';
  return {
    sandbox_id: sandbox.sandboxId,
    name: sandbox.name,
    external_id: sandbox.externalId,
    sfdc_account_id: sandbox.sfdcAccountId,
    status: sandbox.status,
    status_shard: isTombstone ? undefined : statusShard(sandbox.status, shardOf(sandbox.sandboxId)),
    status_order: statusOrder(sandbox),
    allocated_to_track: allocation.caller,
    track_name: allocation.trackName,
    idempotency_key: allocation.idempotencyKey,
    allocated_at: allocation.allocatedAt,
    expires_at: allocation.expiresAt,
    deletion_requested_at: deletion?.deletionRequestedAt,
    deletion_retry_count: deletion?.deletionRetryCount,
    deletion_sent_at: sandbox.status === 'deletion_unconfirmed' ? sandbox.deletionSentAt : undefined,
    deleted_at: isTombstone ? sandbox.deletedAt : undefined,
    [TTL_ATTRIBUTE]: isTombstone ? sandbox.forgetAt : undefined,
    missed_syncs: sandbox.missedSyncs,
    last_synced: sandbox.lastSynced,
    created_at: sandbox.createdAt,
    updated_at: sandbox.updatedAt,
    version: sandbox.version,
  };
}

/** Each status's own queue order, so that a job reads just what is due. */
function statusOrder(sandbox: Sandbox): number | undefined {
  switch (sandbox.status) {
    case 'available':
      return sandbox.queuePosition;
    case 'allocated':
      return sandbox.allocation.expiresAt;
    case 'pending_deletion':
    case 'deletion_unconfirmed':
    case 'deletion_failed':
      return sandbox.nextAttemptAt;
    case 'stale':
      return sandbox.staleSince;
    case 'deleted':
      return undefined;
    default:
      return assertNever(sandbox);
  }
}

/**
 * Numbers that we count or compare with. Beyond this a number plus one may be the same number, and a row that nothing can
 * be written to is unreadable. No time and no count of ours comes near it.
 */
const MAX_STORED_NUMBER = 2 ** 52;
const storedNumber = z.number().min(-MAX_STORED_NUMBER).max(MAX_STORED_NUMBER);
/** A count of a person's making may be negative. */
const storedCount = storedNumber.default(0).transform((count) => Math.max(0, count));

const sandboxSchema = z.object({
  sandbox_id: z.string().min(1),
  name: z.string().min(1),
  external_id: z.string(),
  sfdc_account_id: z.string().optional(),
  status: z.enum(SANDBOX_STATUSES),
  status_order: storedNumber.optional(),
  allocated_to_track: z.string().optional(),
  track_name: z.string().optional(),
  idempotency_key: z.string().optional(),
  allocated_at: storedNumber.optional(),
  expires_at: storedNumber.optional(),
  deletion_requested_at: storedNumber.optional(),
  deletion_retry_count: storedCount,
  deletion_sent_at: storedNumber.optional(),
  deleted_at: storedNumber.optional(),
  [TTL_ATTRIBUTE]: storedNumber.optional(),
  missed_syncs: storedCount,
  last_synced: storedNumber.optional(),
  created_at: storedNumber,
  updated_at: storedNumber,
  version: storedNumber,
});

type SandboxAttributes = z.infer<typeof sandboxSchema>;

/** Reads a sandbox. Throws {@link CorruptItemError} if its attributes do not make up its status. */
export function sandboxFromItem(item: Item): Sandbox {
  const row = parseItem(sandboxSchema, item);
  const need = (name: keyof SandboxAttributes): number => {
    const value = row[name];
    if (typeof value !== 'number')
      throw new CorruptItemError(item, `${name} is missing for status ${row.status}`);
    return value;
  };
  const base = {
    sandboxId: row.sandbox_id,
    name: row.name,
    externalId: row.external_id,
    sfdcAccountId: row.sfdc_account_id,
    missedSyncs: row.missed_syncs,
    lastSynced: row.last_synced,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
  const { status } = row;
  switch (status) {
    case 'available':
      return { ...base, status, queuePosition: need('status_order') };
    case 'allocated': {
      const allocation = allocationFrom(row);
      if (!allocation)
        throw new CorruptItemError(item, 'nobody is named as the holder of an allocated sandbox');
      return { ...base, status, allocation };
    }
    case 'pending_deletion':
    case 'deletion_failed':
      return {
        ...base,
        status,
        allocation: allocationFrom(row),
        deletionRequestedAt: need('deletion_requested_at'),
        deletionRetryCount: row.deletion_retry_count,
        nextAttemptAt: need('status_order'),
      };
    case 'deletion_unconfirmed':
      return {
        ...base,
        status,
        allocation: allocationFrom(row),
        deletionRequestedAt: need('deletion_requested_at'),
        deletionRetryCount: row.deletion_retry_count,
        nextAttemptAt: need('status_order'),
        deletionSentAt: need('deletion_sent_at'),
      };
    case 'stale':
      return { ...base, status, staleSince: need('status_order') };
    case 'deleted':
      return { ...base, status, deletedAt: need('deleted_at'), forgetAt: row[TTL_ATTRIBUTE] };
    default:
      return assertNever(status);
  }
}

function allocationFrom(row: SandboxAttributes): Allocation | undefined {
  const { allocated_to_track: caller, idempotency_key: idempotencyKey, track_name: trackName } = row;
  const { allocated_at: allocatedAt, expires_at: expiresAt } = row;
  if (
    caller === undefined ||
    idempotencyKey === undefined ||
    allocatedAt === undefined ||
    expiresAt === undefined
  ) {
    return undefined;
  }
  return { caller, idempotencyKey, trackName, allocatedAt, expiresAt };
}

/** Throws {@link CorruptItemError} for what does not fit the schema. */
export function parseItem<T>(schema: z.ZodType<T>, item: Item): T {
  const parsed = schema.safeParse(attributesIn(item));
  if (!parsed.success) throw new CorruptItemError(item, z.prettifyError(parsed.error));
  return parsed.data;
}

/** A word of a closed list; any other text is read as `unknown`, because another release may know it. */
export function knownOr<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodType<Words[number] | 'unknown'> {
  return z
    .string()
    .transform((text): Words[number] | 'unknown' => words.find((word) => word === text) ?? 'unknown');
}

/** Throws {@link CorruptItemError} for what JavaScript cannot hold, such as a number of 100 digits. */
export function attributesIn(item: Item): Record<string, unknown> {
  try {
    return unmarshall(item);
  } catch (error) {
    throw new CorruptItemError(item, error instanceof Error ? error.message : String(error));
  }
}

/** A row that is not what its key says. Only a hand in the table, or a bug, makes one. Each one is counted. */
export class CorruptItemError extends Error {
  override readonly name = 'CorruptItemError';

  constructor(item: Item, why: string) {
    super(`The item ${item.PK?.S ?? '(no PK)'} cannot be read: ${why}`);
    reportUnreadable(item.PK?.S);
  }
}
