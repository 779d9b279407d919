#!/usr/bin/env bash
# moto 5.2.1: a security group rule that names another group instead of addresses loses its description.
#
# Expected: DescribeSecurityGroupRules gives back the description of each rule as it was authorized, as EC2 does.
# Seen:     the rule for addresses keeps its description, the rule for a group has none. Terraform then plans to set it
#           again in every plan.
# Exits 1 if that has changed. Needs Python 3.
set -euo pipefail
folder=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-ec2@3.1164.0
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
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVpcsCommand,
  EC2Client,
} = require('@aws-sdk/client-ec2');

const client = new EC2Client({
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

async function newGroup(VpcId, GroupName) {
  return (await client.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }))).GroupId;
}

async function probe() {
  const { Vpcs } = await client.send(new DescribeVpcsCommand({}));
  const vpc = Vpcs[0].VpcId;
  const tasks = await newGroup(vpc, 'tasks');
  const balancer = await newGroup(vpc, 'balancer');
  const port = { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 };
  for (const source of [
    { IpRanges: [{ CidrIp: '10.0.0.0/16', Description: 'from addresses' }] },
    { UserIdGroupPairs: [{ GroupId: balancer, Description: 'from a group' }] },
  ]) {
    await client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: tasks, IpPermissions: [{ ...port, ...source }] }),
    );
  }
  const { SecurityGroupRules } = await client.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [tasks] }] }),
  );
  const ingress = SecurityGroupRules.filter(({ IsEgress }) => !IsEgress);
  const ofAddresses = ingress.find(({ CidrIpv4 }) => CidrIpv4 !== undefined)?.Description;
  const ofGroup = ingress.find(({ ReferencedGroupInfo }) => ReferencedGroupInfo !== undefined);
  console.log(`addresses: ${ofAddresses}; group: ${ofGroup ? (ofGroup.Description ?? 'no description') : 'no rule'}`);
  const isLost = ofGroup !== undefined && !ofGroup.Description;
  process.exitCode = ofAddresses === 'from addresses' && isLost ? 0 : 1;
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
