import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { accountKey, otherSpellings } from '../allocation/account-key';
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

/** Refuses a transaction while a guard of the account stands under another spelling of its key, and brings that guard. */
export function noOtherGuard(table: DynamoTable, { externalId }: AccountOwner): TransactWriteItem[] {
  return otherSpellings(externalId).map((spelling) => ({
    ConditionCheck: {
      TableName: table.names.table,
      Key: accountGuardKey(spelling),
      ConditionExpression: 'attribute_not_exists(PK)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  }));
}

/** Deletes the guard of a row's account under every spelling of its key, if it is that row's or there is none. */
export function deleteGuards(table: DynamoTable, owner: AccountOwner): TransactWriteItem[] {
  return [keyOf(owner), ...otherSpellings(owner.externalId)].map((key) => ({
    Delete: {
      TableName: table.names.table,
      Key: accountGuardKey(key),
      ConditionExpression: 'attribute_not_exists(PK) OR sandbox_id = :sandbox_id',
      ExpressionAttributeValues: { ':sandbox_id': { S: owner.sandboxId } },
    },
  }));
}

/** A guard as it was found. */
export interface FoundGuard {
  sandboxId: string;
  /** False if it stands under another spelling of the account key only, where nothing written today looks first. */
  isUnderKey: boolean;
}

/**
 * Which row the account belongs to, read consistently; `undefined` if it has no guard. The guard under the account key
 * decides; other spellings are read only when there is none.
 */
export async function readGuard(
  table: DynamoTable,
  externalId: string,
  options?: CallOptions,
): Promise<FoundGuard | undefined> {
  const key = accountKey(externalId);
  if (key === undefined) return undefined;
  for (const spelling of [key, ...otherSpellings(externalId)]) {
    const item = await table.get(accountGuardKey(spelling), 'guardOf', options);
    if (item) return { sandboxId: heldBy(item), isUnderKey: spelling === key };
  }
  return undefined;
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
