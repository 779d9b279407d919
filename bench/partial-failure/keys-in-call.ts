import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Attributes = Record<string, AttributeValue>;

interface OneItem {
  Key?: Attributes;
  Item?: Attributes;
}

/** The parts of DynamoDB's inputs that name keys. */
interface CallInput extends OneItem {
  TransactItems?: {
    Put?: OneItem;
    Update?: OneItem;
    Delete?: OneItem;
    ConditionCheck?: OneItem;
    Get?: OneItem;
  }[];
  RequestItems?: Record<
    string,
    { Keys?: Attributes[] } | { PutRequest?: OneItem; DeleteRequest?: OneItem }[]
  >;
  ExpressionAttributeValues?: Attributes;
}

/**
 * The keys that each part of a call names: one list for each item of a transaction, in their order, and one list in all
 * for any other call. The hash key of a query is among its expression's values; all of their strings count.
 *
 * @param operation as in `X-Amz-Target`, without the version: `TransactWriteItems`.
 * @param body the call's input as JSON.
 */
export function keysInCall(operation: string, body: string): string[][] {
  const input = JSON.parse(body) as CallInput;
  if (input.TransactItems) {
    return input.TransactItems.map(({ Put, Update, Delete, ConditionCheck, Get }) =>
      [Put, Update, Delete, ConditionCheck, Get].flatMap(partitionKeyOf),
    );
  }
  if (operation === 'Query') {
    return [Object.values(input.ExpressionAttributeValues ?? {}).flatMap(({ S }) => S ?? [])];
  }
  const batched = Object.values(input.RequestItems ?? {}).flatMap((requests) =>
    Array.isArray(requests)
      ? requests.flatMap(({ PutRequest, DeleteRequest }) =>
          [PutRequest, DeleteRequest].flatMap(partitionKeyOf),
        )
      : (requests.Keys ?? []).flatMap(({ PK }) => PK?.S ?? []),
  );
  return [[...partitionKeyOf(input), ...batched]];
}

function partitionKeyOf(part: OneItem | undefined): string[] {
  const key = (part?.Key ?? part?.Item)?.PK?.S;
  return key === undefined ? [] : [key];
}
