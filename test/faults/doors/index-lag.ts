import type { Item } from '../../../app/store/items';
import type { TableDefinition } from '../../../app/store/table';

/** The parts of a Query that decide which rows it finds. */
export interface QueryInput {
  IndexName?: string;
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
  ExclusiveStartKey?: Item;
  ScanIndexForward?: boolean;
  Select?: string;
}

export interface QueryOutput {
  Items?: Item[];
  Count?: number;
  ScannedCount?: number;
  LastEvaluatedKey?: Item;
}

/** A row that an index has not caught up with: as the index still has it, and as it is. */
export interface LaggingRow {
  before: Item | undefined;
  now: Item | undefined;
}

/**
 * The answer that an index gives which has not heard of the latest changes: rows that have just come are missing, rows
 * that have just gone are there, with the attributes they had. The pages stay where they are in the index; one may be
 * longer than its limit by what has gone.
 *
 * @throws on a key condition of a form that is not known here: the answer would be wrong without notice.
 */
export function asLaggingIndex(
  input: QueryInput,
  output: QueryOutput,
  lagging: LaggingRow[],
  table: TableDefinition,
): QueryOutput {
  const range = table.indexes.find(({ name }) => name === input.IndexName)?.rangeKey;
  if (range === undefined) return output;
  const isFound = keyCondition(input);
  const isOnPage = pageOf(input, output, range);
  const isShown = (row: Item | undefined): row is Item =>
    row !== undefined && isFound(row) && isOnPage(row[range]);
  const keyOf = (row: Item | undefined): string => row?.PK?.S ?? '';

  const gone = lagging.flatMap(({ before }) => (isShown(before) ? [before] : []));
  const newcomers = new Set(lagging.flatMap(({ now }) => (isShown(now) ? [keyOf(now)] : [])));
  const count = (output.Count ?? 0) - newcomers.size + gone.length;
  if (input.Select === 'COUNT')
    return { ...output, Count: Math.max(0, count), ScannedCount: Math.max(0, count) };

  const changed = new Set(lagging.map(({ before, now }) => keyOf(now ?? before)));
  const direction = input.ScanIndexForward === false ? -1 : 1;
  const items = [...(output.Items ?? []).filter((item) => !changed.has(keyOf(item))), ...gone].sort(
    (one, other) => direction * compare(one[range], other[range]),
  );
  return { ...output, Items: items, Count: items.length, ScannedCount: items.length };
}

type Attribute = Item[string] | undefined;

/** The key condition as a function; every form that the broker uses. */
function keyCondition(input: QueryInput): (row: Item) => boolean {
  const { KeyConditionExpression: text = '', ExpressionAttributeNames: names = {} } = input;
  const value = (name: string): Attribute => input.ExpressionAttributeValues?.[name];
  // The AND of BETWEEN is none that joins conditions.
  const parts = text.replace(/BETWEEN (\S+) AND (\S+)/, 'BETWEEN $1,$2').split(' AND ');
  const conditions = parts.map((part): ((row: Item) => boolean) => {
    const begins = /^begins_with\((\S+), (\S+)\)$/.exec(part);
    if (begins) {
      const [, attribute = '', prefix = ''] = begins;
      return (row) => (row[names[attribute] ?? attribute]?.S ?? '').startsWith(value(prefix)?.S ?? '');
    }
    const [, attribute = '', operator, first = '', second = ''] =
      /^(\S+) (=|<=|>=|BETWEEN) ([^\s,]+)(?:,(\S+))?$/.exec(part) ?? [];
    const of = (row: Item): Attribute => row[names[attribute] ?? attribute];
    switch (operator) {
      case '=':
        return (row) => isThere(of(row)) && compare(of(row), value(first)) === 0;
      case '<=':
        return (row) => isThere(of(row)) && compare(of(row), value(first)) <= 0;
      case '>=':
        return (row) => isThere(of(row)) && compare(of(row), value(first)) >= 0;
      case 'BETWEEN':
        return (row) =>
          isThere(of(row)) && compare(of(row), value(first)) >= 0 && compare(of(row), value(second)) <= 0;
      default:
        throw new Error(`No such key condition is known: ${part}`);
    }
  });
  return (row) => conditions.every((holds) => holds(row));
}

/** Whether a place in the index's order belongs to this page: behind its start, not behind its end. */
function pageOf(input: QueryInput, output: QueryOutput, range: string): (at: Attribute) => boolean {
  const direction = input.ScanIndexForward === false ? -1 : 1;
  const start = input.ExclusiveStartKey?.[range];
  const end = output.LastEvaluatedKey?.[range];
  return (at) =>
    (start === undefined || direction * compare(at, start) > 0) &&
    (end === undefined || direction * compare(at, end) <= 0);
}

function isThere(attribute: Attribute): boolean {
  return attribute !== undefined;
}

function compare(one: Attribute, other: Attribute): number {
  if (one?.N !== undefined && other?.N !== undefined) return Number(one.N) - Number(other.N);
  return Buffer.compare(Buffer.from(one?.S ?? ''), Buffer.from(other?.S ?? ''));
}
