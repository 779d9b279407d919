#!/usr/bin/env bash
# @smithy/node-http-handler 4.14.2: requestTimeout guards an attempt only until its headers arrive.
#
# Expected: a call with requestTimeout 500 ms, throwOnRequestTimeout and one attempt fails within a second or so when
#           the body of its response never comes. The option's name and its error ("a request has exceeded the
#           configured requestTimeout") promise a bound for the request.
# Seen:     it is still pending after 5 s. With a response whose headers do not come either it fails as promised.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0 @smithy/node-http-handler@4.14.2
cat >probe.cjs <<'JS'
const { createServer } = require('node:http');
const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb');
const { NodeHttpHandler } = require('@smithy/node-http-handler');

const WAIT_MS = 5_000;

async function outcome(answer) {
  const server = createServer((request, response) => answer(response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${server.address().port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: 500, throwOnRequestTimeout: true }),
  });
  const call = client.send(new GetItemCommand({ TableName: 'probe', Key: { pk: { S: 'p' } } }));
  const wait = new Promise((resolve) => setTimeout(resolve, WAIT_MS, 'pending'));
  return Promise.race([call.then(() => 'answered', ({ name }) => name), wait]);
}

async function probe() {
  const silent = await outcome(() => undefined);
  const stalled = await outcome((response) => {
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0', 'Content-Length': '2' });
    response.flushHeaders();
  });
  const { version } = require('@smithy/node-http-handler/package.json');
  console.log(`@smithy/node-http-handler ${version}: no headers: ${silent}; no body after ${WAIT_MS} ms: ${stalled}`);
  process.exit(silent === 'TimeoutError' && stalled === 'pending' ? 0 : 1);
}

void probe();
JS
NODE_NO_WARNINGS=1 node probe.cjs
