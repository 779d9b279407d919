import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Notes each call, and what the tests are told; fails the script that it is told to; for tests, reports the results that it is given. */
const FAKE_NPM = `#!/bin/sh
echo "$*" >> "$NPM_CALLS"
if [ "$1 $2" = "run $FAILING_SCRIPT" ]; then exit 3; fi
[ "$1" = test ] || exit 0
printf '%s\n' "REQUIRE_E2E=$REQUIRE_E2E" "TF_PLUGIN_MIRROR=\${TF_PLUGIN_MIRROR-unset}" > "$NPM_CALLS.environment"
for argument in "$@"; do
  case "$argument" in --outputFile=*) [ -z "$RESULTS" ] || printf '%s' "$RESULTS" > "\${argument#--outputFile=}" ;; esac
done
exit "$TEST_STATUS"
`;

const ALL_PASSED = {
  success: true,
  numPassedTests: 12,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-run-'));
  for (const name of ['.ci', 'scripts', 'bin', 'node_modules']) mkdirSync(join(folder, name));
  for (const path of ['.ci/run', 'scripts/ensure-dependencies.mjs']) {
    copyFileSync(join(ROOT, path), join(folder, path));
  }
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), '{}');
  addProgram('npm', FAKE_NPM);
  addProgram('chromium', '#!/bin/sh');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Puts a program where only the gate finds it. */
function addProgram(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), script);
  chmodSync(join(folder, 'bin', name), 0o755);
}

/** Makes one of this machine's own programs one of the few on a PATH. */
function linkTool(name: string): void {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .map((part) => join(part, name))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`This machine has no ${name}`);
  symlinkSync(path, join(folder, 'bin', name));
}

interface GateOptions {
  /** What the test runner reports; without it, the runner dies before it reports. */
  results?: object;
  testStatus?: number;
  failingScript?: string;
  /** What the caller's shell has set besides. */
  env?: Record<string, string>;
}

function runGate({ results, testStatus = 0, failingScript = 'none', env }: GateOptions): {
  status: number | null;
  lines: string[];
  npmCalls: string[];
  /** The variables that the tests are run with. */
  testEnvironment: string[];
} {
  const npmCallsPath = join(folder, 'npm-calls');
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
      NPM_CALLS: npmCallsPath,
      FAILING_SCRIPT: failingScript,
      RESULTS: results === undefined ? '' : JSON.stringify(results),
      TEST_STATUS: String(testStatus),
      ...env,
    },
    encoding: 'utf8',
  });
  const linesOf = (path: string): string[] =>
    existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  return {
    status,
    lines: stdout.trimEnd().split('\n'),
    npmCalls: linesOf(npmCallsPath),
    testEnvironment: linesOf(`${npmCallsPath}.environment`),
  };
}

/** Makes it look as if the AWS provider of this version were installed. */
function installProviderManifest(version: string): void {
  const manifestFolder = join(folder, 'node_modules/@cdktf/provider-aws');
  mkdirSync(manifestFolder, { recursive: true });
  writeFileSync(join(manifestFolder, 'package.json'), JSON.stringify({ cdktf: { provider: { version } } }));
}

/** Makes a folder of Terraform providers. */
function makeMirror(path: string, version: string): string {
  const mirror = join(folder, path);
  mkdirSync(join(mirror, 'registry.terraform.io/hashicorp/aws', version), { recursive: true });
  return mirror;
}

describe('.ci/run', () => {
  it('runs every check before the tests, and ends with their totals', () => {
    const { status, lines, npmCalls } = runGate({ results: ALL_PASSED });

    expect(npmCalls).toEqual([
      'run lint',
      'run lint:imports',
      'run lint:image',
      'run lint:workflows',
      'run typecheck',
      'run build',
      'run synth',
      'run compare:bindings',
      expect.stringMatching(/^test -- --json --outputFile=/),
    ]);
    expect(lines.at(-1)).toBe('12 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('counts skipped and planned tests when there are any', () => {
    const { lines } = runGate({ results: { ...ALL_PASSED, numPendingTests: 2, numTodoTests: 1 } });

    expect(lines.at(-1)).toBe('12 passed, 0 failed, 3 skipped');
  });

  it('ends with the totals also when tests fail, names their files, and exits as the tests did', () => {
    const testResults = [{ status: 'failed', name: '/somewhere/broken.test.ts' }];
    const results = { ...ALL_PASSED, success: false, numFailedTests: 2, testResults };

    const { status, lines } = runGate({ results, testStatus: 1 });

    expect(lines.at(-1)).toBe('12 passed, 2 failed');
    expect(lines.at(-2)).toMatch(/^failed: .*broken\.test\.ts$/);
    expect(status).toBe(1);
  });

  it('counts a test file that could not be loaded as a failure', () => {
    const { status, lines } = runGate({
      results: { ...ALL_PASSED, success: false, numRuntimeErrorTestSuites: 1 },
      testStatus: 1,
    });

    expect(lines.at(-1)).toBe('12 passed, 1 failed');
    expect(status).toBe(1);
  });

  it('fails when the results say so, even if the test command did not', () => {
    expect(runGate({ results: { ...ALL_PASSED, success: false }, testStatus: 0 }).status).toBe(1);
  });

  it('fails without totals when the test runner dies before it reports', () => {
    const { status, lines } = runGate({ testStatus: 7 });

    expect(lines.at(-1)).toBe('The tests ended before they could report. To see them alone: npm test');
    expect(status).toBe(7);
  });

  it('fails when the test command succeeds but reports nothing', () => {
    expect(runGate({ testStatus: 0 }).status).toBe(1);
  });

  it('lets no test be skipped, and names a Terraform mirror on this machine that has our provider', () => {
    installProviderManifest('0.0.7-test');
    makeMirror('home/older', '0.0.6-test');
    makeMirror('home/work/.terraform/providers', '0.0.7-test');
    const mirror = makeMirror('home/some where/mirror', '0.0.7-test');

    const { testEnvironment } = runGate({ results: ALL_PASSED, env: { HOME: join(folder, 'home') } });

    expect(testEnvironment).toEqual(['REQUIRE_E2E=1', `TF_PLUGIN_MIRROR=${mirror}`]);
  });

  it('leaves Terraform to the public registry when there is no mirror', () => {
    installProviderManifest('0.0.8-test');

    const { testEnvironment, status } = runGate({ results: ALL_PASSED, env: { HOME: folder } });

    expect(testEnvironment).toEqual(['REQUIRE_E2E=1', 'TF_PLUGIN_MIRROR=unset']);
    expect(status).toBe(0);
  });

  it('keeps the mirror that it is given', () => {
    const { testEnvironment } = runGate({ results: ALL_PASSED, env: { TF_PLUGIN_MIRROR: '/given' } });

    expect(testEnvironment).toEqual(['REQUIRE_E2E=1', 'TF_PLUGIN_MIRROR=/given']);
  });

  it('installs a browser where there is none', () => {
    // Nothing but what the script itself needs, and an apt-get that notes its calls.
    const tools = ['bash', 'cat', 'dirname', 'env', 'find', 'id', 'mktemp', 'node', 'rm', 'sh', 'timeout'];
    for (const tool of tools) linkTool(tool);
    rmSync(join(folder, 'bin/chromium'));
    addProgram('apt-get', '#!/bin/sh\necho "$*" >> "$NPM_CALLS.apt"');
    addProgram('sudo', '#!/bin/sh\nshift\nexec "$@"');

    const { status } = runGate({ results: ALL_PASSED, env: { PATH: join(folder, 'bin') } });

    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'npm-calls.apt'), 'utf8')).toBe(
      'update -qq\ninstall -y -qq --no-install-recommends chromium fonts-dejavu-core\n',
    );
  });

  it('installs none over a browser that there is', () => {
    addProgram('apt-get', '#!/bin/sh\necho "$*" >> "$NPM_CALLS.apt"');

    runGate({ results: ALL_PASSED });

    expect(existsSync(join(folder, 'npm-calls.apt'))).toBe(false);
  });

  it.each([
    'lint',
    'lint:imports',
    'lint:image',
    'lint:workflows',
    'typecheck',
    'build',
    'synth',
    'compare:bindings',
  ])('stops at a failing "%s" and says how to run it alone', (failingScript) => {
    const { status, lines, npmCalls } = runGate({ results: ALL_PASSED, failingScript });

    expect(npmCalls.at(-1)).toBe(`run ${failingScript}`);
    expect(lines.at(-1)).toMatch(new RegExp(`To see it alone: npm run ${failingScript}$`));
    expect(status).toBe(3);
  });
});
