import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { DynamoTable } from './dynamo-table';
import { CorruptItemError, knownOr, parseItem, ROLLBACK_PARTITION, type Item } from './items';
import {
  CAUSE_KINDS,
  HISTORY_RETENTION_DAYS,
  ROLLBACK_ACTIONS,
  ROLLBACK_STEPS,
  STEP_OUTCOMES,
  type RollbackEntry,
  type RollbackHistory,
  type RollbackKey,
  type StoredRollbackEntry,
} from './rollback-history';
import { StoreUnavailableError, type CallOptions, type Page } from './sandbox-store';
import { TTL_ATTRIBUTE, type TableNames } from './table';

const SECONDS_OF_A_DAY = 86_400;

const entrySchema = z.object({
  at_ms: z.number(),
  cause: z.object({ kind: knownOr(CAUSE_KINDS), name: z.string(), reason: z.string() }),
  action: knownOr(ROLLBACK_ACTIONS),
  steps: z.array(
    z.object({ step: knownOr(ROLLBACK_STEPS), outcome: knownOr(STEP_OUTCOMES), detail: z.string() }),
  ),
  duration_ms: z.number(),
  attempts: z.number(),
  announced_failures: z.array(knownOr(ROLLBACK_STEPS)).optional(),
  is_finished: z.boolean(),
});

/** The {@link RollbackHistory} on DynamoDB. */
export class DynamoRollbackHistory implements RollbackHistory {
  readonly #table: DynamoTable;

  constructor(client: DynamoDBClient, names: TableNames) {
    this.#table = new DynamoTable(client, names);
  }

  async get(key: RollbackKey, options?: CallOptions): Promise<StoredRollbackEntry | undefined> {
    const item = await this.#table.get(keyOf(key), 'getRollback', options);
    return item && entryFromItem(item);
  }

  async save(entry: RollbackEntry, options?: CallOptions): Promise<boolean> {
    const outcome = await this.#table.put(
      {
        Item: entryToItem(entry),
        ConditionExpression: 'attribute_not_exists(PK) OR is_finished = :no',
        ExpressionAttributeValues: marshall({ ':no': false }),
      },
      'saveRollback',
      options,
    );
    if (outcome.kind === 'written') return true;
    if (outcome.kind === 'changed') return this.#isSaved(entry, options);
    throw new StoreUnavailableError('saveRollback', { cause: new Error(outcome.kind) });
  }

  /** A write whose answer was lost is sent again by the SDK, and then meets what it has itself written. */
  async #isSaved(entry: RollbackEntry, options?: CallOptions): Promise<boolean> {
    const found = await this.get(entry, options);
    return isDeepStrictEqual(found, entryFromItem(entryToItem(entry)));
  }

  async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<StoredRollbackEntry>> {
    const answer = await this.#table.query(
      {
        KeyConditionExpression: 'PK = :partition',
        ExpressionAttributeValues: marshall({ ':partition': ROLLBACK_PARTITION }),
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit,
        // Any text will do: the listing goes on behind where it would stand.
        ExclusiveStartKey:
          cursor === undefined ? undefined : { PK: { S: ROLLBACK_PARTITION }, SK: { S: cursor } },
      },
      'listRollbacks',
    );
    return {
      items: (answer.Items ?? []).map(readableEntry),
      cursor: answer.LastEvaluatedKey?.SK?.S,
    };
  }
}

/** ISO 8601 in UTC sorts by time. */
function keyOf({ atMs, cause }: RollbackKey): Item {
  return {
    PK: { S: ROLLBACK_PARTITION },
    SK: { S: `${new Date(atMs).toISOString()}#${cause.kind}#${cause.name}` },
  };
}

function entryToItem(entry: RollbackEntry): Item {
  const attributes: z.infer<typeof entrySchema> & Record<typeof TTL_ATTRIBUTE, number> = {
    at_ms: entry.atMs,
    cause: entry.cause,
    action: entry.action,
    steps: entry.steps,
    duration_ms: entry.durationMs,
    attempts: entry.attempts,
    announced_failures: entry.announcedFailures,
    is_finished: entry.isFinished,
    [TTL_ATTRIBUTE]: Math.floor(entry.atMs / 1000) + HISTORY_RETENTION_DAYS * SECONDS_OF_A_DAY,
  };
  return { ...keyOf(entry), ...marshall(attributes, { removeUndefinedValues: true }) };
}

/** An entry that makes no sense hides no other: it is shown as such, at its place. */
function readableEntry(item: Item): StoredRollbackEntry {
  try {
    return entryFromItem(item);
  } catch (error) {
    if (!(error instanceof CorruptItemError)) throw error;
    const [time = '', , ...name] = (item.SK?.S ?? '').split('#');
    const atMs = Date.parse(time);
    return {
      atMs: Number.isNaN(atMs) ? 0 : atMs,
      cause: { kind: 'unknown', name: name.join('#') || 'unknown', reason: error.message },
      action: 'unknown',
      steps: [],
      durationMs: 0,
      attempts: 0,
      isFinished: false,
    };
  }
}

/** @throws CorruptItemError */
function entryFromItem(item: Item): StoredRollbackEntry {
  const row = parseItem(entrySchema, item);
  return {
    atMs: row.at_ms,
    cause: row.cause,
    action: row.action,
    steps: row.steps,
    durationMs: row.duration_ms,
    attempts: row.attempts,
    announcedFailures: row.announced_failures,
    isFinished: row.is_finished,
  };
}
