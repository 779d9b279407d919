#!/usr/bin/env bash
# dynoxide 1.2.1 (a DynamoDB-compatible engine): an item whose index partition key is longer than 2,048 bytes is stored.
#
# Expected: ValidationException, as in DynamoDB, which limits every partition key, those of indexes included, to 2,048
#           bytes. The engine does enforce the 1,024 bytes of a sort key.
# Seen:     the write is accepted, and the item is found in the index.
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
  const gpk = 'k'.repeat(2_049);
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'p' }, sk: { S: 's' }, gpk: { S: gpk } } }));
  const { Count } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by_gpk',
      KeyConditionExpression: 'gpk = :gpk',
      ExpressionAttributeValues: { ':gpk': { S: gpk } },
    }),
  );
  const sortKeyError = await client
    .send(new PutItemCommand({ TableName, Item: { pk: { S: 'p' }, sk: { S: 'k'.repeat(1_025) } } }))
    .then(() => 'none', ({ name }) => name);
  console.log(`items found by a partition key of 2,049 bytes: ${Count}; error for a sort key of 1,025: ${sortKeyError}`);
  process.exitCode = Count === 1 && sortKeyError === 'ValidationException' ? 0 : 1;
}

probe().catch((error) => {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
JS
NODE_NO_WARNINGS=1 node probe.cjs "$port"
