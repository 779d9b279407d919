#!/usr/bin/env bash
# moto 5.2.1: FilterLogEvents with a JSON filter pattern returns every event.
#
# Expected: { $.level = "error" } returns the events whose JSON has that field, as in CloudWatch Logs.
# Seen:     events with level "info" are returned, too. A test of a metric filter on the emulator passes with any
#           pattern.
# Exits 1 if that has changed. Needs Python 3.
set -euo pipefail
folder=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-cloudwatch-logs@3.1164.0
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
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} = require('@aws-sdk/client-cloudwatch-logs');

const options = {
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const client = new CloudWatchLogsClient(options);
const logGroupName = 'probe';
const logStreamName = 'stream';

async function probe() {
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const timestamp = Date.now();
  const logEvents = ['info', 'error'].map((level) => ({ timestamp, message: JSON.stringify({ level }) }));
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  const { events } = await client.send(
    new FilterLogEventsCommand({ logGroupName, filterPattern: '{ $.level = "error" }' }),
  );
  const levels = events.map(({ message }) => JSON.parse(message).level).join();
  console.log(`levels returned for the pattern: ${levels}`);
  process.exitCode = levels === 'info,error' ? 0 : 1;
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
