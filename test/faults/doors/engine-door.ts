import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../app/allocation/clock';
import type { Item } from '../../../app/store/items';
import type { TableDefinition } from '../../../app/store/table';
import { pickFault, type EngineFault, type Rates } from '../plan/phases';
import { WayThrough, openDoor, type Door, type DoorAnswer, type DoorRequest, type Ending } from './door';
import { conflict, inProgress, serverError, throttled } from './engine-answers';
import { asLaggingIndex, type QueryInput, type QueryOutput } from './index-lag';
import type { LeaseJournal, LeaseWrite } from './lease-journal';
import { sandboxIdIn, type RowHistory } from './row-history';

export interface EngineDoorOptions {
  engineEndpoint: string;
  table: TableDefinition;
  history: RowHistory;
  leases: LeaseJournal;
  random: Random;
  /** What is to go wrong now. */
  rates: () => Rates<EngineFault>;
  /** How far an index may lag behind now; 0 for not at all. */
  maxIndexLagMs: () => number;
}

export interface EngineDoor extends Door {
  /** How often each fault befell a call, and how many calls there were. */
  counts: Record<string, number>;
  /** What went wrong here, in the testing, and not in what is tested. */
  ownFailures: string[];
  /** False while something is on its way that nobody waits for any more. */
  isQuiet: () => boolean;
}

const LAGGING_SHARE = 0.7;
const SLOW_MS = { min: 20, max: 400 };
/** A request that the network has held up, while its sender has given up. */
const LATE_MS = { min: 100, max: 2_500 };
const LOOK_AGAIN_MS = 200;

interface WriteInput extends LeaseWrite {
  TransactItems?: { Put?: LeaseWrite; Update?: LeaseWrite; Delete?: LeaseWrite }[];
}

/**
 * Opens a door before the engine that makes a good engine as bad as a network and a busy table can be, and keeps book of
 * every sandbox row and every lease that goes through it. All calls must take this way.
 */
export async function openEngineDoor(options: EngineDoorOptions): Promise<EngineDoor> {
  const { history, leases, random, rates } = options;
  const way = new WayThrough(() => options.engineEndpoint);
  const counts: Record<string, number> = { calls: 0 };
  const ownFailures: string[] = [];
  let isStopped = false;
  let unawaitedCount = 0;
  const unawaited = (work: Promise<unknown>): void => {
    unawaitedCount += 1;
    void work.catch(() => undefined).finally(() => (unawaitedCount -= 1));
  };

  /** Reads a row anew, and once more while the engine is away. */
  const look = async (id: string, like: DoorRequest, sentAtMs: number): Promise<void> => {
    while (!isStopped) {
      try {
        const item = await readRow(way, like, options.table.name, id);
        history.observe(id, { item, sentAtMs, seenAtMs: Date.now() });
        return;
      } catch {
        await delay(LOOK_AGAIN_MS);
      }
    }
  };

  const forward = async (request: DoorRequest): Promise<DoorAnswer> => {
    const operation = operationOf(request);
    const isWrite = WRITES.has(operation);
    const input = JSON.parse(request.body) as WriteInput & QueryInput;
    if (!isWrite) return forwardRead(operation, request, input);
    const sentAtMs = Date.now();
    if (operation === 'PutItem') leases.observeRecord(input.Item);
    leases.observeSent(operation, input);
    const rows = rowsIn(input);
    for (const { id, put } of rows) if (put) history.observePut(id, put);
    try {
      const answer = await way.forward(request);
      if (answer.status === 200) {
        const { Attributes } = JSON.parse(answer.body) as { Attributes?: Item };
        leases.observe(operation, input, Attributes, Date.now());
        await Promise.all(rows.map(({ id }) => look(id, request, sentAtMs)));
      }
      return answer;
    } catch (error) {
      // It may have been made all the same.
      for (const { id } of rows) unawaited(look(id, request, sentAtMs));
      throw error;
    }
  };

  const forwardRead = async (
    operation: string,
    request: DoorRequest,
    input: QueryInput,
  ): Promise<DoorAnswer> => {
    const lagMs = random() < LAGGING_SHARE ? random() * options.maxIndexLagMs() : 0;
    const answer = await way.forward(request);
    if (operation !== 'Query' || input.IndexName === undefined || answer.status !== 200) return answer;
    const lagging = history.changedSince(Date.now() - lagMs);
    if (lagMs === 0 || lagging.length === 0) return answer;
    try {
      const output = asLaggingIndex(input, JSON.parse(answer.body) as QueryOutput, lagging, options.table);
      counts.lagging_query = (counts.lagging_query ?? 0) + 1;
      return { ...answer, headers: withoutChecksum(answer.headers), body: JSON.stringify(output) };
    } catch (error) {
      ownFailures.push(String(error));
      return answer;
    }
  };

  const through = async (request: DoorRequest): Promise<Ending> => ({
    kind: 'answer',
    answer: await forward(request),
  });

  const decide = async (request: DoorRequest): Promise<Ending> => {
    counts.calls = (counts.calls ?? 0) + 1;
    const operation = operationOf(request);
    const fault = pickFault(rates(), random);
    if (fault === undefined) return through(request);
    counts[fault] = (counts[fault] ?? 0) + 1;
    const refuse = (answer: DoorAnswer | undefined): Promise<Ending> | Ending =>
      answer ? { kind: 'answer', answer } : through(request);
    switch (fault) {
      case 'slow':
        await delay(between(SLOW_MS, random));
        return through(request);
      case 'cut_before':
        return { kind: 'cut' };
      case 'silent_before':
        return { kind: 'silence' };
      case 'cut_after':
        await forward(request);
        return { kind: 'cut' };
      case 'silent_after':
        await forward(request);
        return { kind: 'silence' };
      case 'late':
        unawaited(delay(between(LATE_MS, random)).then(() => (isStopped ? undefined : forward(request))));
        return { kind: 'cut' };
      case 'half_answer':
        return { kind: 'half', answer: await forward(request) };
      case 'short_answer':
        return { kind: 'short', answer: await forward(request) };
      case 'error':
        return refuse(serverError(random));
      case 'throttled':
        return refuse(throttled(operation, partsOf(request), random));
      case 'conflict':
        return refuse(conflict(operation, partsOf(request), random));
      case 'in_progress':
        return refuse(inProgress(operation));
    }
  };

  const door = await openDoor(decide);
  return {
    url: door.url,
    counts,
    ownFailures,
    isQuiet: () => unawaitedCount === 0,
    stop: async () => {
      isStopped = true;
      await door.stop();
      way.close();
    },
  };
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem']);

function operationOf({ headers }: DoorRequest): string {
  return String(headers['x-amz-target']).split('.').at(-1) ?? '';
}

function partsOf({ body }: DoorRequest): number {
  return (JSON.parse(body) as WriteInput).TransactItems?.length ?? 1;
}

/** The sandbox rows that a write touches, and what it puts in their place if it is a put. */
function rowsIn(input: WriteInput): { id: string; put: Item | undefined }[] {
  const parts = input.TransactItems?.flatMap(({ Put, Update, Delete }) => [Put, Update, Delete]) ?? [input];
  return parts.flatMap((part) => {
    const id = sandboxIdIn(part?.Key ?? part?.Item);
    return id === undefined ? [] : [{ id, put: part?.Item }];
  });
}

async function readRow(
  way: WayThrough,
  like: DoorRequest,
  table: string,
  id: string,
): Promise<Item | undefined> {
  const answer = await way.forward({
    ...like,
    headers: { ...like.headers, 'x-amz-target': 'DynamoDB_20120810.GetItem' },
    body: JSON.stringify({
      TableName: table,
      Key: { PK: { S: `SBX#${id}` }, SK: { S: 'META' } },
      ConsistentRead: true,
    }),
  });
  if (answer.status !== 200) throw new Error(answer.body);
  return (JSON.parse(answer.body) as { Item?: Item }).Item;
}

/** The engine's checksum is that of another body. */
function withoutChecksum(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-amz-crc32'));
}

function between({ min, max }: { min: number; max: number }, random: Random): number {
  return min + random() * (max - min);
}
