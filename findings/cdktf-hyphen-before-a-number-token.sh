#!/usr/bin/env bash
# cdktf 0.21.0: a number token (a variable's numberValue) in a template string loses a hyphen next to it, or is not
# resolved at all. Number tokens are encoded as large negative floating-point numbers, so the "-" of the text and the
# sign of the token are confused.
#
# Expected: `port-${n}` becomes "port-${var.n}", and `${n}-udp` becomes "${var.n}-udp".
# Seen:     "port--8.10…e+298" (a meaningless number) and "${var.n}udp" (the hyphen is gone). Synth reports nothing.
#           Use stringValue or Fn.join() next to a hyphen.
# Exits 1 if that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund cdktf@0.21.0 constructs@10.4.5
cat >probe.cjs <<'JS'
const { TerraformOutput, TerraformStack, TerraformVariable, Testing } = require('cdktf');

const stack = new TerraformStack(Testing.app(), 'probe');
const { numberValue } = new TerraformVariable(stack, 'n', { type: 'number' });
new TerraformOutput(stack, 'before', { value: `port-${numberValue}` });
new TerraformOutput(stack, 'after', { value: `${numberValue}-udp` });
const { before, after } = JSON.parse(Testing.synth(stack)).output;
console.log(before.value, after.value);
process.exitCode = /^port--8\.10\d*e\+298$/.test(before.value) && after.value === '${var.n}udp' ? 0 : 1;
JS
node probe.cjs
