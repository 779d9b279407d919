import { z } from 'zod';
import { NO_USAGE, plus, type Usage } from './usage';

/*
 * What one call to DynamoDB consumed, read from its request and its answer. The engine reports it as DynamoDB does
 * (test/engine/consumed-capacity.test.ts holds it to the documented rules), except for a refused write, which no
 * answer tells.
 */

const capacitySchema = z.object({ CapacityUnits: z.number() });
const answerSchema = z.object({
  ConsumedCapacity: z.union([capacitySchema.transform((one) => [one]), z.array(capacitySchema)]),
});

const keySchema = z.object({ PK: z.object({ S: z.string() }) });
const requestSchema = z.object({
  IndexName: z.string().optional(),
  Key: keySchema.optional(),
  Item: keySchema.optional(),
  TransactItems: z.array(z.unknown()).optional(),
});

const READS = new Set(['GetItem', 'Query', 'Scan', 'BatchGetItem', 'TransactGetItems']);
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);
const REFUSALS = /ConditionalCheckFailedException|TransactionCanceledException/;

/** A transaction costs twice what the same writes cost by themselves; its index writes do not (capacity rules of AWS). */
const TRANSACTION_FACTOR = 2;

/** A call, as its metering sees it. */
export interface MeteredCall {
  /** E.g. `Query`. */
  operation: string;
  /** Which index or item it is about, e.g. `StatusIndex`, `CONTROL#jobs`, or `SBX` for any sandbox. */
  target: string;
  usage: Usage;
}

/** The request with the wish to be told what it consumes. */
export function askForCapacity(requestBody: string): string {
  return JSON.stringify({ ...(JSON.parse(requestBody) as object), ReturnConsumedCapacity: 'INDEXES' });
}

/**
 * What a call consumed. A refused write consumes the units of the item that it met, at least one (DynamoDB Developer
 * Guide, "Capacity unit consumption for write operations"): all of ours are below 1 KB, so one for each item, in a
 * transaction two.
 *
 * @throws Error when the answer does not tell.
 */
export function meterCall(
  operation: string,
  requestBody: string,
  status: number,
  answer: string,
): MeteredCall {
  const request = requestSchema.parse(JSON.parse(requestBody));
  const target = targetOf(request);
  if (!READS.has(operation) && !WRITES.has(operation)) {
    return { operation, target, usage: { ...NO_USAGE, calls: 1 } };
  }
  if (status !== 200) {
    const writeUnits = REFUSALS.test(answer) ? refusedUnits(request.TransactItems) : 0;
    return { operation, target, usage: { calls: 1, readUnits: 0, writeUnits } };
  }
  const parsed = answerSchema.safeParse(JSON.parse(answer));
  if (!parsed.success) throw new Error(`The engine does not say what a ${operation} consumes`);
  const units = parsed.data.ConsumedCapacity.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  const usage = READS.has(operation)
    ? { calls: 1, readUnits: units, writeUnits: 0 }
    : { calls: 1, readUnits: 0, writeUnits: units };
  return { operation, target, usage };
}

/** The calls' usage together. */
export function sumOf(calls: readonly MeteredCall[]): Usage {
  return calls.reduce((sum, { usage }) => plus(sum, usage), NO_USAGE);
}

function refusedUnits(transactItems: unknown[] | undefined): number {
  return transactItems === undefined ? 1 : transactItems.length * TRANSACTION_FACTOR;
}

function targetOf({ IndexName, Key, Item, TransactItems }: z.infer<typeof requestSchema>): string {
  if (TransactItems) return 'transaction';
  const partition = (Key ?? Item)?.PK.S ?? 'table';
  const isOneOfMany = /^(SBX|CLAIM)#/.test(partition);
  return IndexName ?? (isOneOfMany ? partition.slice(0, partition.indexOf('#')) : partition);
}
