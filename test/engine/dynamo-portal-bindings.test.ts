import { DynamoPortalBindings } from '../../app/store/dynamo-portal-bindings';
import { describePortalBindings } from '../store/portal-bindings-contract';
import { EngineTables } from './engine-tables';

let tables: EngineTables;

beforeAll(async () => {
  tables = await EngineTables.start();
});

afterAll(() => tables.stop());

describePortalBindings('DynamoPortalBindings', async () => {
  const { client, names } = await tables.newHarness();
  return new DynamoPortalBindings(client, names);
});

it('tells one table from another', async () => {
  const ids = await Promise.all(
    [tables.newHarness(), tables.newHarness()].map(async (harness) => {
      const { client, names } = await harness;
      return (await new DynamoPortalBindings(client, names).find()).tableId;
    }),
  );

  expect(new Set(ids).size).toBe(2);
});
