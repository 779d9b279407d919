#!/usr/bin/env bash
# cdktf 0.21.0: the hash of a TerraformAsset made from a folder covers the contents of the files, not their names.
#
# Expected: renaming a file in the folder changes `assetHash`, and with it whatever is deployed from the archive.
# Seen:     the same hash, so a Lambda function whose handler file was only renamed is not deployed again.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund cdktf@0.21.0 constructs@10.4.5
mkdir before after
echo 'exports.handler = async () => {};' >before/index.js
cp before/index.js after/handler.js
cat >probe.cjs <<'JS'
const { join } = require('node:path');
const { AssetType, TerraformAsset, TerraformStack, Testing } = require('cdktf');

const stack = new TerraformStack(Testing.app(), 'probe');
const [before, after] = ['before', 'after'].map(
  (name) => new TerraformAsset(stack, name, { path: join(process.cwd(), name), type: AssetType.ARCHIVE }),
);
console.log(`index.js: ${before.assetHash}, renamed to handler.js: ${after.assetHash}`);
process.exitCode = before.assetHash === after.assetHash ? 0 : 1;
JS
node probe.cjs
