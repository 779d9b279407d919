#!/usr/bin/env bash
# dynoxide 1.2.1 (a DynamoDB-compatible engine): a Query accepts an ExclusiveStartKey that belongs to another partition
# than the one that is queried.
#
# Expected: ValidationException, 'The provided starting key is outside query boundaries based on provided conditions',
#           as in DynamoDB. A service that hands out cursors must check them itself, or a test on the engine passes
#           and the same request fails in AWS.
# Seen:     a page of items, counted from the foreign key's sort key.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
engine=''
trap '[ -z "$engine" ] || kill "$engine"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @dynoxide/linux-x64@1.2.1 @aws-sdk/client-dynamodb@3.1164.0
port=$(node -p "const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); }); ''" | grep .)
node_modules/@dynoxide/linux-x64/dynoxide serve --host 127.0.0.1 --port "$port" >engine.log 2>&1 &
engine=$!
cat >probe.cjs <<'JS'
const { CreateTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } = require('@aws-sdk/client-dynamodb');

const client = new DynamoDBClient({
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 20,
});
const TableName = 'probe';

async function probe() {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gpk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by_gpk',
          KeySchema: [{ AttributeName: 'gpk', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  for (const sk of ['a', 'c']) {
    await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'p' }, sk: { S: sk } } }));
  }
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      ExclusiveStartKey: { pk: { S: 'another' }, sk: { S: 'b' } },
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'p' } },
    }),
  );
  const found = Items.map(({ sk }) => sk.S).join();
  console.log(`answered with: ${found}`);
  process.exitCode = found === 'c' ? 0 : 1;
}

probe().catch((error) => {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
JS
NODE_NO_WARNINGS=1 node probe.cjs "$port"
