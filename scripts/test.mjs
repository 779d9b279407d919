/**
 * `npm test`: every test, in two runs of Jest. First, one file at a time, what runs on this machine alone: whole systems
 * under load would take each other's time. Then the deployments, two at a time, as they mostly wait for Terraform.
 *
 * Arguments go to both. A file of results (`--json --outputFile=...`) holds the results of both in the end. Whoever
 * chooses projects (`--selectProjects`) gets one run, of those.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const RUNS = [
  ['--runInBand', '--selectProjects', 'unit', 'engine', 'e2e'],
  ['--maxWorkers=2', '--selectProjects', 'deployment'],
];
const OUTPUT_FILE = '--outputFile=';
/** What Jest counts, under the names of its JSON. */
const COUNT = /^num[A-Z]/;

const given = process.argv.slice(2);
const outputFile = given.find((argument) => argument.startsWith(OUTPUT_FILE))?.slice(OUTPUT_FILE.length);

/** Resolves with Jest's exit code. It runs as a child, so a Ctrl-C in the terminal reaches it as well. */
function jest(args) {
  return new Promise((resolve, reject) => {
    const child = spawn('jest', args, { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 1 : 130));
    });
  });
}

/** One result of two runs. */
function merged(one, other) {
  const counts = Object.keys(one).filter((key) => COUNT.test(key));
  return {
    ...one,
    ...Object.fromEntries(counts.map((key) => [key, one[key] + other[key]])),
    success: one.success && other.success,
    testResults: [...one.testResults, ...other.testResults],
  };
}

async function testAll() {
  if (given.includes('--selectProjects')) return jest(given);
  // A pattern may fit no file of one of the runs.
  const own = given.length > 0 ? ['--passWithNoTests'] : [];
  let exitCode = 0;
  let results;
  for (const run of RUNS) {
    if (outputFile !== undefined) rmSync(outputFile, { force: true });
    // The projects last: Jest would take what follows them for projects, too.
    const status = await jest([...own, ...given, ...run]);
    exitCode ||= status;
    if (status >= 128) break;
    if (outputFile !== undefined && existsSync(outputFile)) {
      const latest = JSON.parse(readFileSync(outputFile, 'utf8'));
      results = results === undefined ? latest : merged(results, latest);
    }
  }
  // A run that ended before it could report leaves none: its exit code says that all is not well.
  if (results !== undefined) {
    writeFileSync(outputFile, JSON.stringify({ ...results, success: results.success && exitCode === 0 }));
  }
  return exitCode;
}

process.exitCode = await testAll();
