import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { accountKey } from '../allocation/account-key';
import type { SandboxBase } from '../allocation/sandbox';
import type { DynamoTable } from './dynamo-table';
import { accountGuardKey, parseItem, type Item } from './items';
import { RowRefusedError, type CallOptions } from './sandbox-store';

/** A row, as far as its account is concerned. */
export type AccountOwner = Pick<SandboxBase, 'sandboxId' | 'externalId' | 'createdAt'>;

const guardSchema = z.object({ sandbox_id: z.string() });

/**
 * Puts the guard of a row's account if there is none, or if it is that of the row `insteadOf`. A refusal brings the guard
 * that is there.
 */
export function putGuard(table: DynamoTable, owner: AccountOwner, insteadOf?: string): GuardPut {
  return {
    TableName: table.names.table,
    Item: {
      ...accountGuardKey(keyOf(owner)),
      ...marshall({
        sandbox_id: owner.sandboxId,
        external_id: owner.externalId,
        created_at: owner.createdAt,
      }),
    },
    ...(insteadOf === undefined
      ? { ConditionExpression: 'attribute_not_exists(PK)' }
      : {
          ConditionExpression: 'attribute_not_exists(PK) OR sandbox_id = :instead_of',
          ExpressionAttributeValues: { ':instead_of': { S: insteadOf } },
        }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

type GuardPut = NonNullable<TransactWriteItem['Put']>;

/** Deletes the guard of a row's account, if it is that row's or there is none. */
export function deleteGuard(table: DynamoTable, owner: AccountOwner): TransactWriteItem {
  return {
    Delete: {
      TableName: table.names.table,
      Key: accountGuardKey(keyOf(owner)),
      ConditionExpression: 'attribute_not_exists(PK) OR sandbox_id = :sandbox_id',
      ExpressionAttributeValues: { ':sandbox_id': { S: owner.sandboxId } },
    },
  };
}

/** Which row the account belongs to, read consistently; `undefined` if it has no guard. */
export async function readGuard(
  table: DynamoTable,
  externalId: string,
  options?: CallOptions,
): Promise<string | undefined> {
  const key = accountKey(externalId);
  if (key === undefined) return undefined;
  const item = await table.get(accountGuardKey(key), 'guardOf', options);
  return item && heldBy(item);
}

/**
 * The row that a guard names.
 *
 * @throws RowRefusedError if the guard cannot be read: nobody gets an account of which it is not known whose it is.
 */
export function heldBy(guard: Item): string {
  try {
    return parseItem(guardSchema, guard).sandbox_id;
  } catch (error) {
    throw new RowRefusedError('guard', { cause: error });
  }
}

function keyOf({ externalId }: AccountOwner): string {
  const key = accountKey(externalId);
  if (key !== undefined) return key;
  throw new RowRefusedError('guard', { cause: new Error('its external id ends in no account key') });
}
