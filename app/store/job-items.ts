import type { PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { attributesIn, CorruptItemError, type Item } from './items';
import { UnreadableRecordError } from './job-store';
import { reportUnreadable } from './unreadable-records';

/** Holds while an item has exactly these attributes at these values; others may have been added. */
export function isStill(
  item: Item,
): Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  const attributes = Object.entries(item).filter(([name]) => name !== 'PK' && name !== 'SK');
  const conditions = attributes.map((_, index) => `#a${index} = :a${index}`);
  return {
    ConditionExpression: ['attribute_exists(PK)', ...conditions].join(' AND '),
    ...(attributes.length === 0
      ? {}
      : {
          ExpressionAttributeNames: Object.fromEntries(
            attributes.map(([name], index) => [`#a${index}`, name]),
          ),
          ExpressionAttributeValues: Object.fromEntries(
            attributes.map(([, value], index) => [`:a${index}`, value]),
          ),
        }),
  };
}

/** An item of the jobs, as its schema has it. @throws UnreadableRecordError */
export function read<T>(schema: z.ZodType<T>, item: Item): T {
  const key = `${item.PK?.S ?? '?'}/${item.SK?.S ?? '?'}`;
  try {
    const parsed = schema.safeParse(attributesIn(item));
    if (parsed.success) return parsed.data;
    reportUnreadable(item.PK?.S);
    throw new UnreadableRecordError(key, z.prettifyError(parsed.error));
  } catch (error) {
    if (error instanceof CorruptItemError) throw new UnreadableRecordError(key, error.message);
    throw error;
  }
}

/** An item's attributes; none, for what JavaScript cannot hold. */
export function attributesOrNothing(item: Item): Record<string, unknown> {
  try {
    return attributesIn(item);
  } catch {
    return {};
  }
}
