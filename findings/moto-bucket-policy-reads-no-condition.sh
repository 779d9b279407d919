#!/usr/bin/env bash
# moto 5.2.1: the condition of a bucket policy is ignored, so that a conditional denial denies every request.
#
# Expected: a policy that denies requests of one other account (`aws:PrincipalAccount`) leaves those of the bucket's own
#           account alone, as in S3.
# Seen:     the owner's own PutObject answers 403 as soon as the policy stands. Buckets that demand TLS, as AWS
#           recommends (`aws:SecureTransport`), cannot be used on the emulator.
# Exits 1 if that has changed. Needs Python 3.
set -euo pipefail
folder=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator"; rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-s3@3.1164.0
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
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} = require('@aws-sdk/client-s3');

const Bucket = 'probe';
const client = new S3Client({
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  forcePathStyle: true,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

async function put() {
  return client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'text' })).then(
    () => 'written',
    ({ $metadata }) => `HTTP ${$metadata?.httpStatusCode}`,
  );
}

async function probe() {
  await client.send(new CreateBucketCommand({ Bucket }));
  const before = await put();
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        Condition: { StringEquals: { 'aws:PrincipalAccount': '999999999999' } },
      },
    ],
  });
  await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  const after = await put();
  console.log(`PutObject before the policy: ${before}; after it: ${after}`);
  process.exitCode = before === 'written' && after === 'HTTP 403' ? 0 : 1;
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
