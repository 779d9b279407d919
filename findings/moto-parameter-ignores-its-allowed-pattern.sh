#!/usr/bin/env bash
# moto 5.2.1: PutParameter stores a value that its own AllowedPattern excludes.
#
# Expected: ParameterPatternMismatchException, as in SSM.
# Seen:     the value is stored and read back. Rules kept in AllowedPattern cannot be tested on the emulator.
# Exits 1 if that has changed. Needs Python 3.
set -euo pipefail
folder=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-ssm@3.1164.0
# An installed moto of that version will do; else it is installed here.
if ! python3 -c "import importlib.metadata as m, sys; sys.exit(m.version('moto') != '5.2.1')" 2>/dev/null; then
  python3 -m pip install --quiet --target python 'moto[server]==5.2.1'
  export PYTHONPATH="$folder/python"
fi
port=$(node -p "const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); }); ''" | grep .)
python3 -c 'import sys; from moto.server import main; main(sys.argv[1:])' -H 127.0.0.1 -p "$port" >emulator.log 2>&1 &
emulator=$!
cat >probe.cjs <<'JS'
const { GetParameterCommand, PutParameterCommand, SSMClient } = require('@aws-sdk/client-ssm');

const options = {
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const client = new SSMClient(options);

async function probe() {
  const parameter = { Name: 'desired-count', Type: 'String', Value: 'many', AllowedPattern: '^[0-9]+$' };
  await client.send(new PutParameterCommand(parameter));
  const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter.Name }));
  console.log(`stored in spite of ${parameter.AllowedPattern}: ${Parameter.Value}`);
  process.exitCode = Parameter.Value === 'many' ? 0 : 1;
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
