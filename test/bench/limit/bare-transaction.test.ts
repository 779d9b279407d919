import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { DynamoAllocations } from '../../../app/store/dynamo-allocations';
import type { DynamoTable } from '../../../app/store/dynamo-table';
import { DEFAULT_TABLE_NAMES } from '../../../app/store/table';
import { allocatedTo, allocationWrites } from '../../../bench/limit/bare-transaction';
import { GROUPED } from '../../../bench/limit/limit-clients';
import { availableSandboxes } from '../../fakes/sandbox-samples';

const NOW = 1_800_000_000;

/** The transactions that the app makes of this many allocations at once. */
async function transactionsOfApp(count: number): Promise<TransactWriteItem[][]> {
  const transactions: TransactWriteItem[][] = [];
  const table = {
    names: DEFAULT_TABLE_NAMES,
    transact: async (items: TransactWriteItem[]) => {
      transactions.push(items);
      // Others come meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const allocations = new DynamoAllocations(table as unknown as DynamoTable);
  await Promise.all(
    availableSandboxes(count).map((candidate, index) =>
      allocations.allocate(candidate, allocatedTo(candidate, `caller-${index}`, NOW)),
    ),
  );
  return transactions;
}

describe('the bare clients of the limit', () => {
  it("write for one allocation exactly what the app's transaction writes", async () => {
    const [sandbox] = availableSandboxes(1);
    if (!sandbox) throw new Error('There is no sample');

    expect(await transactionsOfApp(1)).toEqual([
      allocationWrites(DEFAULT_TABLE_NAMES.table, sandbox, allocatedTo(sandbox, 'caller-0', NOW)),
    ]);
  });

  it('group as the app does: so many transactions under way, so many allocations in each', async () => {
    const sizes = (await transactionsOfApp(100)).map((items) => items.length / 2);
    const aloneCount = sizes.findIndex((size) => size > 1);

    expect(aloneCount).toBe(GROUPED.concurrency);
    expect(Math.max(...sizes)).toBe(GROUPED.allocationsPerTransaction);
  });
});
