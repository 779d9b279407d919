import { TransactWriteItemsCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { allocate } from '../../app/allocation/transitions';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { createDynamoClient } from '../../app/store/dynamo-client';
import { claimToItem, sandboxKey, updateBetween } from '../../app/store/items';
import { answerQuestions } from '../child-process';
import { epochMs } from '../clock';
import type { LimitQuestions, LimitWork } from './limit-clients';

/*
 * A bare client: the transaction of an allocation, with the app's own SDK settings and items, and nothing else. It
 * knows the sandboxes beforehand, so it searches for none, and shares them with nobody.
 */

let client: DynamoDBClient | undefined;

answerQuestions<LimitQuestions>({
  transact: async (work) => {
    client ??= createDynamoClient({ region: work.region, endpoint: work.endpoint });
    return transactAll(client, work);
  },
});

async function transactAll(
  client: DynamoDBClient,
  { tableName, sandboxes, callerPrefix, concurrency }: LimitWork,
): Promise<LimitQuestions['transact']['answer']> {
  const waiting = sandboxes.values();
  const latenciesMs: number[] = [];
  let failure: string | undefined;
  const startedAtMs = epochMs();
  const lane = async (): Promise<void> => {
    for (const sandbox of waiting) {
      const beganAtMs = epochMs();
      try {
        await client.send(allocation(tableName, sandbox, `${callerPrefix}-${sandbox.sandboxId}`));
        latenciesMs.push(epochMs() - beganAtMs);
      } catch (error) {
        // On a busy machine one may take longer than the app's timeouts allow: counted as not made, and told.
        failure = error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { startedAtMs, endedAtMs: epochMs(), latenciesMs, failure };
}

/** As `DynamoSandboxStore.allocate` makes it. */
function allocation(tableName: string, sandbox: AvailableSandbox, caller: string): TransactWriteItemsCommand {
  const allocatedAt = Math.floor(Date.now() / 1000);
  const expiresAt = allocatedAt + 4 * 3_600;
  const allocated = allocate(sandbox, {
    caller,
    idempotencyKey: caller,
    trackName: 'bench',
    allocatedAt,
    expiresAt,
  });
  const claim = { caller, idempotencyKey: caller, sandboxId: sandbox.sandboxId };
  return new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: tableName,
          Item: claimToItem(claim, allocatedAt),
          ConditionExpression: 'attribute_not_exists(PK)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      {
        Update: {
          TableName: tableName,
          Key: sandboxKey(sandbox.sandboxId),
          ...updateBetween(sandbox, allocated),
        },
      },
    ],
  });
}
