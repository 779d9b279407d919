/**
 * Synthesizes the stacks of dev with the provider binding of package.json and with the next one, and compares: so that
 * the change of one line, the version in package.json, stays a change of one line (docs/adr/0009). Installs the next
 * binding once, beside node_modules. Prints what differs beyond provider version and Lambda runtime, and exits with 1.
 *
 * Where npm cannot get the package it says so, and exits with 0; with REQUIRE_BINDINGS=1, as in CI, with 1.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEXT = '21.22.1';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, 'node_modules/.cache', `provider-aws-${NEXT}`);
const next = join(cache, 'node_modules/@cdktf/provider-aws');

/** What is meant to differ, in the order in which the text shows it. */
const MEANT = [
  [/"version": "\d+\.\d+\.\d+"/g, '"version": "(of the provider)"'],
  [/"runtime": "nodejs\d+\.x"/g, '"runtime": "(of Lambda)"'],
];

/** @returns {string | undefined} why it is not there */
function installNext() {
  const completed = join(cache, 'completed');
  if (existsSync(completed)) return undefined;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), '{"private":true}');
  // Without its peers: both bindings must be written for the one cdktf that is there.
  const options = ['--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', ['install', ...options, `@cdktf/provider-aws@${NEXT}`], {
    cwd: cache,
    encoding: 'utf8',
    timeout: 300_000,
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    rmSync(cache, { recursive: true, force: true });
    return npm.error?.message ?? npm.stderr.trim();
  }
  writeFileSync(completed, '');
  return undefined;
}

/** @returns {{ provider: string, stacks: Record<string, string> }} the provider's version, and each stack's configuration */
function synthesize(folder, preload) {
  const result = spawnSync(process.execPath, [...preload, '--import', 'tsx', 'main.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CDKTF_OUTDIR: folder, SANDBOX_BROKER_ENV: 'dev' },
  });
  if (result.status !== 0) throw new Error(`The stacks cannot be synthesized:\n${result.stderr}`);
  let provider = '';
  const stacks = {};
  for (const stack of readdirSync(join(folder, 'stacks'))) {
    // The comment at the top tells of the generator.
    const { '//': _comment, ...configuration } = JSON.parse(
      readFileSync(join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8'),
    );
    provider = configuration.terraform.required_providers.aws.version;
    const text = JSON.stringify(configuration, null, 2);
    stacks[stack] = MEANT.reduce((written, [what, word]) => written.replace(what, word), text);
  }
  return { provider, stacks };
}

/** What Node.js loads first: it finds the binding in the other folder. */
function redirection(folder) {
  const path = join(folder, 'redirect.cjs');
  writeFileSync(
    path,
    `const Module = require('node:module');
     const resolve = Module._resolveFilename;
     Module._resolveFilename = (request, ...others) =>
       resolve(request.replace(/^@cdktf\\/provider-aws(?=$|\\/)/, ${JSON.stringify(next)}), ...others);`,
  );
  return ['--require', path];
}

function differences(now, then) {
  const names = [...new Set([...Object.keys(now), ...Object.keys(then)])].sort();
  return names.flatMap((stack) => {
    const [before, after] = [now, then].map((stacks) => (stacks[stack] ?? '').split('\n'));
    const lines = before.map((line, index) => [line, after[index]]).filter(([one, other]) => one !== other);
    if (lines.length === 0 && before.length === after.length) return [];
    const [[one, other] = ['(end)', after[before.length]]] = lines;
    return [`${stack}, first of ${Math.max(lines.length, 1)} lines:\n  - ${one}\n  + ${other ?? '(end)'}`];
  });
}

const fault = installNext();
if (fault !== undefined) {
  console.error(
    `NOT CHECKED: npm cannot get @cdktf/provider-aws ${NEXT}, so nobody knows whether it still fits.\n${fault}`,
  );
  process.exit(process.env.REQUIRE_BINDINGS === '1' ? 1 : 0);
}
const folder = mkdtempSync(join(tmpdir(), 'bindings-'));
try {
  const now = synthesize(join(folder, 'now'), []);
  const then = synthesize(join(folder, 'next'), redirection(folder));
  if (now.provider === then.provider) {
    throw new Error(`Both were synthesized for provider ${now.provider}: the check has compared nothing.`);
  }
  const found = differences(now.stacks, then.stacks);
  if (found.length > 0) {
    console.error(`With @cdktf/provider-aws ${NEXT} the stacks are not the same:\n${found.join('\n')}`);
    process.exitCode = 1;
  } else {
    const count = Object.keys(now.stacks).length;
    console.log(`${count} stacks are the same for the providers ${now.provider} and ${then.provider}.`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
