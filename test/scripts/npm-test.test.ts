import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptFolder } from './run-script';

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder();
});

afterEach(() => {
  folder.remove();
});

/** A Jest that notes its arguments and reports two tests that passed and, of the deployments, one that failed. */
function addJest({ deploymentStatus = 0, reports = true } = {}): void {
  const report = (failed: number): string =>
    JSON.stringify({
      numPassedTests: 2,
      numFailedTests: failed,
      success: failed === 0,
      testResults: [{ name: `with ${failed}` }],
    });
  folder.addProgram(
    'jest',
    `echo "$*" >> calls
     case "$*" in *deployment*) status=${deploymentStatus} ;; *) status=0 ;; esac
     for argument in "$@"; do
       case "$argument" in --outputFile=*)
         case "$*" in
           *deployment*) ${reports ? `echo '${report(deploymentStatus)}' > "\${argument#*=}"` : ':'} ;;
           *) echo '${report(0)}' > "\${argument#*=}" ;;
         esac ;;
       esac
     done
     exit $status`,
  );
}

function run(...args: string[]): { status: number | null; calls: string[]; results: unknown } {
  const { status } = folder.run('test.mjs', args);
  const calls = readFileSync(join(folder.path, 'calls'), 'utf8').trim().split('\n');
  const path = join(folder.path, 'results.json');
  return { status, calls, results: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined };
}

it('runs side by side what can bear company, and alone what puts a system under load', () => {
  addJest();

  const { status, calls } = run();

  expect(status).toBe(0);
  expect(calls.slice(0, 3).sort()).toEqual([
    '--maxWorkers=1 --selectProjects unit engine',
    '--maxWorkers=2 --selectProjects deployment',
    '--runInBand --selectProjects e2e',
  ]);
  expect(calls.slice(3)).toEqual(['--runInBand --selectProjects load faults']);
});

it('adds up the results of all in one file', () => {
  addJest({ deploymentStatus: 1 });

  const { status, results } = run('--json', '--outputFile=results.json');

  expect(status).toBe(1);
  expect(results).toEqual({
    numPassedTests: 8,
    numFailedTests: 1,
    success: false,
    testResults: [{ name: 'with 0' }, { name: 'with 0' }, { name: 'with 1' }, { name: 'with 0' }],
  });
});

it('does not take the results of others for those of a run that reported none', () => {
  addJest({ deploymentStatus: 1, reports: false });

  const { status, results } = run('--json', '--outputFile=results.json');

  expect(status).toBe(1);
  expect(results).toMatchObject({ numPassedTests: 6, success: false });
});

it('looks for a pattern in all, though some may have nothing that fits', () => {
  addJest();

  expect(run('--testPathPatterns', 'cleanup').calls.sort()).toEqual([
    '--passWithNoTests --testPathPatterns cleanup --maxWorkers=1 --selectProjects unit engine',
    '--passWithNoTests --testPathPatterns cleanup --maxWorkers=2 --selectProjects deployment',
    '--passWithNoTests --testPathPatterns cleanup --runInBand --selectProjects e2e',
    '--passWithNoTests --testPathPatterns cleanup --runInBand --selectProjects load faults',
  ]);
});

it('leaves nothing beside the one file of results', () => {
  addJest();

  run('--json', '--outputFile=results.json');

  expect(readdirSync(folder.path).filter((name) => name.startsWith('results'))).toEqual(['results.json']);
});

it('leaves the choice of projects to whoever makes one', () => {
  addJest();

  expect(run('--selectProjects', 'unit').calls).toEqual(['--selectProjects unit']);
});
