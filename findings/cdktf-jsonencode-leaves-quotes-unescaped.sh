#!/usr/bin/env bash
# cdktf 0.21.0: Fn.jsonencode() writes a string that contains double quotes into the Terraform expression without
# escaping them.
#
# Expected: jsonencode({"a" = "say \"hi\""}), which Terraform evaluates to the JSON of the object.
# Seen:     jsonencode({"a" = "say "hi""}), which is no valid HCL: `terraform plan` fails on generated code, far from
#           the TypeScript line that caused it. Serialise with JSON.stringify() where no token is involved.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund cdktf@0.21.0 constructs@10.4.5
cat >probe.cjs <<'JS'
const { Fn, TerraformOutput, TerraformStack, Testing } = require('cdktf');

const stack = new TerraformStack(Testing.app(), 'probe');
new TerraformOutput(stack, 'json', { value: Fn.jsonencode({ a: 'say "hi"' }) });
const { value } = JSON.parse(Testing.synth(stack)).output.json;
console.log(value);
process.exitCode = value === '${jsonencode({"a" = "say "hi""})}' ? 0 : 1;
JS
node probe.cjs
