#!/usr/bin/env bash
# @aws-sdk/client-dynamodb 3.1164.0: after some failing calls a client stops retrying, whatever maxAttempts says.
#
# Expected: with maxAttempts 3, each of 60 calls in a row that fail with status 500 is attempted three times; or at least
#           the error of one that was not says so.
# Seen:     a quota shared by all calls of the client is used up after 17 of them: from then on a call is
#           attempted once, and its error differs from that of others only in $metadata.attempts.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0
cat >probe.cjs <<'JS'
const { createServer } = require('node:http');
const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb');

async function probe() {
  const server = createServer((request, response) => {
    response.writeHead(500, { 'Content-Type': 'application/x-amz-json-1.0' });
    response.end('{"__type":"com.amazonaws.dynamodb#InternalServerError","message":"no"}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${server.address().port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  });
  const attempts = [];
  const messages = new Set();
  for (let index = 0; index < 60; index += 1) {
    const command = new GetItemCommand({ TableName: 'probe', Key: { pk: { S: 'p' } } });
    const error = await client.send(command).catch((thrown) => thrown);
    attempts.push(error.$metadata.attempts);
    messages.add(`${error.name}: ${error.message}`);
  }
  const { version } = require('@aws-sdk/client-dynamodb/package.json');
  const full = attempts.findIndex((count) => count < 3);
  console.log(`@aws-sdk/client-dynamodb ${version}: ${full} calls with 3 attempts, then ${attempts.slice(full).join(' ')}; errors: ${[...messages].join('; ')}`);
  process.exit(attempts[0] === 3 && attempts.at(-1) === 1 && messages.size === 1 ? 0 : 1);
}

void probe();
JS
NODE_NO_WARNINGS=1 node probe.cjs
