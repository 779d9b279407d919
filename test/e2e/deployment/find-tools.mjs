/**
 * Jest's global set-up of the deployment tests: finds what they need (or makes it, once), and says it loudly when
 * something is missing. The tests read the answer from DEPLOYMENT_TEST_TOOLS (support/tools.ts).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The emulator that the tests were written for: another one has other gaps and other differences. */
const EMULATOR_VERSION = '5.2.1';
/** What stacks/constructs/broker-stack.ts asks for. */
const MINIMUM_TERRAFORM = [1, 10];
const INSTALL_TIMEOUT_MS = 300_000;

const run = (command, args, options = {}) =>
  spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });

const lastLines = ({ error, stdout, stderr }) => {
  const lines = (error?.message ?? `${stdout}\n${stderr}`).trim().split('\n');
  // Programs that try again say so each time; what they say in the end is why.
  return lines
    .filter((line) => !line.startsWith('WARNING'))
    .slice(-5)
    .join('\n');
};

/** @returns {string | undefined} what is wrong with Terraform here */
function terraformFault() {
  const { status, stdout } = run('terraform', ['version', '-json']);
  const wanted = `Terraform ${MINIMUM_TERRAFORM.join('.')} or newer`;
  if (status !== 0)
    return `${wanted} is not on the PATH: see https://developer.hashicorp.com/terraform/install`;
  const version = JSON.parse(stdout).terraform_version;
  const [major, minor] = version.split('.').map(Number);
  const isNewEnough =
    major > MINIMUM_TERRAFORM[0] || (major === MINIMUM_TERRAFORM[0] && minor >= MINIMUM_TERRAFORM[1]);
  return isNewEnough ? undefined : `${wanted} is needed; the one on the PATH is ${version}`;
}

/** @returns {string | undefined} why Terraform cannot get the AWS provider */
function providerFault(mirror) {
  const path = join(root, 'node_modules/@cdktf/provider-aws/package.json');
  const { name, version } = JSON.parse(readFileSync(path, 'utf8')).cdktf.provider;
  if (mirror !== undefined) {
    const isThere = existsSync(join(mirror, name, version)) || existsSync(join(mirror, name));
    return isThere ? undefined : `TF_PLUGIN_MIRROR is "${mirror}", but there is no ${name} in it`;
  }
  // Into the cache that cdktf uses: the stacks that are initialized at once must not download it one by one.
  const folder = mkdtempSync(join(tmpdir(), 'provider-'));
  try {
    const source = name.replace('registry.terraform.io/', '');
    const wanted = { terraform: { required_providers: { aws: { source, version } } } };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(wanted));
    const env = { ...process.env };
    if (process.env.HOME !== undefined) {
      env.TF_PLUGIN_CACHE_DIR ??= join(process.env.HOME, '.terraform.d/plugin-cache');
      mkdirSync(env.TF_PLUGIN_CACHE_DIR, { recursive: true });
    }
    const init = run('terraform', ['init', '-no-color'], { cwd: folder, timeout: INSTALL_TIMEOUT_MS, env });
    if (init.status === 0) return undefined;
    return (
      `Terraform cannot get its AWS provider ${version} (set TF_PLUGIN_MIRROR to a folder that holds ` +
      `registry.terraform.io, or let it reach that host):\n${lastLines(init)}`
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The version of moto behind a `moto_server`. It has no option that tells, and the command may be anybody's wrapper:
 * so its own Python is asked as it starts.
 */
function emulatorVersion(command) {
  const folder = mkdtempSync(join(tmpdir(), 'moto-version-'));
  try {
    const question =
      'import os, importlib.metadata as m\nprint(m.version("moto"), flush=True)\nos._exit(0)\n';
    writeFileSync(join(folder, 'sitecustomize.py'), question);
    const { status, stdout } = run(command, ['--help'], { env: { ...process.env, PYTHONPATH: folder } });
    return status === 0 ? stdout.trim() : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns {{ command: string } | { fault: string }} */
function findEmulator() {
  if (emulatorVersion('moto_server') === EMULATOR_VERSION) return { command: 'moto_server' };

  const folder = join(root, 'node_modules/.cache', `moto-${EMULATOR_VERSION}`);
  const command = join(folder, process.platform === 'win32' ? 'Scripts/moto_server.exe' : 'bin/moto_server');
  const completed = join(folder, 'completed');
  if (existsSync(completed)) return { command };

  process.stderr.write(
    `Installing the AWS emulator, moto ${EMULATOR_VERSION}, for the deployment tests: once.\n`,
  );
  rmSync(folder, { recursive: true, force: true });
  const python = join(dirname(command), 'python');
  const steps = [
    ['python3', ['-m', 'venv', folder]],
    [
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `moto[server]==${EMULATOR_VERSION}`],
    ],
  ];
  for (const [program, args] of steps) {
    const step = run(program, args, { timeout: INSTALL_TIMEOUT_MS });
    if (step.status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      const how = `pip install 'moto[server]==${EMULATOR_VERSION}'`;
      return {
        fault:
          `the AWS emulator: no moto_server ${EMULATOR_VERSION} is on the PATH (${how}), ` +
          `and it could not be installed:\n${lastLines(step)}`,
      };
    }
  }
  writeFileSync(completed, '');
  return { command };
}

export default function findTools() {
  const mirror = process.env.TF_PLUGIN_MIRROR;
  const terraform = terraformFault();
  const emulator = findEmulator();
  const missing = [
    terraform,
    terraform === undefined ? providerFault(mirror) : undefined,
    'fault' in emulator ? emulator.fault : undefined,
  ].filter((fault) => fault !== undefined);

  process.env.DEPLOYMENT_TEST_TOOLS = JSON.stringify({
    emulatorCommand: emulator.command,
    providerMirror: mirror,
    missing,
  });
  if (missing.length > 0) {
    const what = process.env.REQUIRE_E2E === '1' ? 'cannot run' : 'are SKIPPED';
    const list = missing.map((fault) => `  - ${fault}`).join('\n');
    process.stderr.write(
      `\nThe deployment tests (test/e2e/deployment) ${what}. What is missing:\n${list}\n\n`,
    );
  }
}
