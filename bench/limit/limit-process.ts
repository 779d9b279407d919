import { TransactWriteItemsCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import { createDynamoClient } from '../../app/store/dynamo-client';
import { answerQuestions } from '../child-process';
import { epochMs } from '../clock';
import { allocatedTo, allocationWrites } from './bare-transaction';
import type { LimitQuestions, LimitWork } from './limit-clients';

/*
 * A bare client: the transactions of allocations, with the app's own SDK settings and items, and nothing else. It
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
  work: LimitWork,
): Promise<LimitQuestions['transact']['answer']> {
  const groups = inGroups(work.sandboxes, work.allocationsPerTransaction).values();
  const latenciesMs: number[] = [];
  let allocationCount = 0;
  let failure: string | undefined;
  const startedAtMs = epochMs();
  const lane = async (): Promise<void> => {
    for (const group of groups) {
      const beganAtMs = epochMs();
      try {
        await client.send(transactionOf(work, group));
        latenciesMs.push(epochMs() - beganAtMs);
        allocationCount += group.length;
      } catch (error) {
        // On a busy machine one may take longer than the app's timeouts allow: counted as not made, and told.
        failure = error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: work.concurrency }, lane));
  return { startedAtMs, endedAtMs: epochMs(), allocationCount, latenciesMs, failure };
}

function transactionOf(
  { tableName, callerPrefix }: LimitWork,
  sandboxes: AvailableSandbox[],
): TransactWriteItemsCommand {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const TransactItems = sandboxes.flatMap((sandbox) =>
    allocationWrites(
      tableName,
      sandbox,
      allocatedTo(sandbox, `${callerPrefix}-${sandbox.sandboxId}`, nowSeconds),
    ),
  );
  return new TransactWriteItemsCommand({ TransactItems });
}

function inGroups<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, group) =>
    all.slice(group * size, (group + 1) * size),
  );
}
