#!/usr/bin/env bash
# cdktf 0.21.0: two constructs of one scope whose ids differ only by a space or a dot are written as one Terraform
# block. The second replaces the first, and synth reports nothing.
#
# Expected: an error about the duplicate id, as for two equal ids, or two blocks.
# Seen:     {"myout": {"value": "second"}}: the first output is gone.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund cdktf@0.21.0 constructs@10.4.5
cat >probe.cjs <<'JS'
const { TerraformOutput, TerraformStack, Testing } = require('cdktf');

const stack = new TerraformStack(Testing.app(), 'probe');
new TerraformOutput(stack, 'my out', { value: 'first' });
new TerraformOutput(stack, 'my.out', { value: 'second' });
const { output } = JSON.parse(Testing.synth(stack));
console.log(JSON.stringify(output));
process.exitCode = JSON.stringify(output) === '{"myout":{"value":"second"}}' ? 0 : 1;
JS
node probe.cjs
