#!/usr/bin/env bash
# dynoxide 1.2.1 (a DynamoDB-compatible engine): begins_with() in a key condition compares letters without their case.
#
# Expected: begins_with(sk, 'ab') finds 'abd' only, as in DynamoDB, which compares the UTF-8 bytes.
# Seen:     it finds 'Abc' as well, although a range condition (BETWEEN 'a' AND 'z') tells the two apart.
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
  for (const sk of ['Abc', 'abd']) {
    await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'p' }, sk: { S: sk } } }));
  }
  const query = async (condition, values) => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: `pk = :pk AND ${condition}`,
        ExpressionAttributeValues: { ':pk': { S: 'p' }, ...values },
      }),
    );
    return Items.map(({ sk }) => sk.S).join();
  };
  const byPrefix = await query('begins_with(sk, :prefix)', { ':prefix': { S: 'ab' } });
  const byRange = await query('sk BETWEEN :a AND :z', { ':a': { S: 'a' }, ':z': { S: 'z' } });
  console.log(`begins_with: ${byPrefix}; BETWEEN: ${byRange}`);
  process.exitCode = byPrefix === 'Abc,abd' && byRange === 'abd' ? 0 : 1;
}

probe().catch((error) => {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
JS
NODE_NO_WARNINGS=1 node probe.cjs "$port"
