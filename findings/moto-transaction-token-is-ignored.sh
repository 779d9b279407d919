#!/usr/bin/env bash
# moto 5.2.1: TransactWriteItems ignores ClientRequestToken.
#
# Expected: the second of two identical calls with one token within ten minutes succeeds without writing again, as in
#           DynamoDB: a counter that each call raises by one is 1.
# Seen:     the counter is 2. A test on the emulator cannot show that a retried transaction is idempotent.
# Exits 1 if that has changed. Needs Python 3.
set -euo pipefail
folder=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0
# An installed moto of that version will do; else it is installed here.
if ! python3 -c "import importlib.metadata as m, sys; sys.exit(m.version('moto') != '5.2.1')" 2>/dev/null; then
  python3 -m pip install --quiet --target python 'moto[server]==5.2.1'
  export PYTHONPATH="$folder/python"
fi
port=$(node -p "const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); }); ''" | grep .)
python3 -c 'import sys; from moto.server import main; main(sys.argv[1:])' -H 127.0.0.1 -p "$port" >emulator.log 2>&1 &
emulator=$!
cat >probe.cjs <<'JS'
const {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
} = require('@aws-sdk/client-dynamodb');

const options = {
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const client = new DynamoDBClient(options);
const TableName = 'probe';
const Key = { pk: { S: 'counter' } };

async function probe() {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const add = new TransactWriteItemsCommand({
    ClientRequestToken: 'one-token',
    TransactItems: [
      {
        Update: {
          TableName,
          Key,
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
      },
    ],
  });
  await client.send(add);
  await client.send(add);
  const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
  console.log(`counter after two calls with one token: ${Item.n.N}`);
  process.exitCode = Item.n.N === '2' ? 0 : 1;
}

probe().catch((error) => {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
JS
for _ in $(seq 60); do
  if node -e "fetch('http://127.0.0.1:$port/').then(() => process.exit(0), () => process.exit(1))"; then break; fi
  sleep 1
done
NODE_NO_WARNINGS=1 node probe.cjs "$port"
