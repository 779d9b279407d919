#!/usr/bin/env bash
# moto 5.2.1: CreateService accepts a task definition that has been deregistered.
#
# Expected: ClientException ('TaskDefinition is inactive'), as in ECS.
# Seen:     an ACTIVE service on the INACTIVE revision. A test on the emulator does not notice that a rollback chose
#           a revision that ECS would refuse.
# Exits 1 if that has changed. Needs Python 3.
set -euo pipefail
folder=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-ecs@3.1164.0
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
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} = require('@aws-sdk/client-ecs');

const options = {
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const client = new ECSClient(options);

async function probe() {
  await client.send(new CreateClusterCommand({ clusterName: 'probe' }));
  const { taskDefinition } = await client.send(
    new RegisterTaskDefinitionCommand({
      family: 'probe',
      containerDefinitions: [{ name: 'app', image: 'app', memory: 64 }],
    }),
  );
  const arn = taskDefinition.taskDefinitionArn;
  const deregistered = await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
  const { service } = await client.send(
    new CreateServiceCommand({ cluster: 'probe', serviceName: 'probe', taskDefinition: arn, desiredCount: 1 }),
  );
  console.log(`revision: ${deregistered.taskDefinition.status}, service on it: ${service.status}`);
  const isAccepted = deregistered.taskDefinition.status === 'INACTIVE' && service.taskDefinition === arn;
  process.exitCode = isAccepted && service.status === 'ACTIVE' ? 0 : 1;
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
