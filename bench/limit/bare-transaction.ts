import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AllocatedSandbox, AvailableSandbox } from '../../app/allocation/sandbox';
import { allocate } from '../../app/allocation/transitions';
import { claimToItem, sandboxKey, updateBetween } from '../../app/store/items';

/** Long enough that nothing expires while it is measured. */
const LIFETIME_SECONDS = 4 * 3_600;

/** A sandbox as it is once this caller has it. */
export function allocatedTo(
  sandbox: AvailableSandbox,
  caller: string,
  allocatedAt: number,
): AllocatedSandbox {
  return allocate(sandbox, {
    caller,
    idempotencyKey: caller,
    trackName: 'bench',
    allocatedAt,
    expiresAt: allocatedAt + LIFETIME_SECONDS,
  });
}

/**
 * What one allocation writes, claim and sandbox, exactly as `DynamoAllocations` of app/store does: a test compares the
 * two. The writes of several allocations together are one transaction.
 */
export function allocationWrites(
  tableName: string,
  candidate: AvailableSandbox,
  allocated: AllocatedSandbox,
): [TransactWriteItem, TransactWriteItem] {
  const { caller, idempotencyKey, allocatedAt } = allocated.allocation;
  return [
    {
      Put: {
        TableName: tableName,
        Item: claimToItem({ caller, idempotencyKey, sandboxId: candidate.sandboxId }, allocatedAt),
        ConditionExpression: 'attribute_not_exists(PK)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    {
      Update: {
        TableName: tableName,
        Key: sandboxKey(candidate.sandboxId),
        ...updateBetween(candidate, allocated),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
  ];
}
