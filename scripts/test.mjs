/**
 * `npm test`: every test, in several runs of Jest. Deployments mostly wait for Terraform, and whole systems for each other,
 * so what can bear company runs side by side. What puts a whole system under load comes after that: others would take its
 * time.
 *
 * Arguments go to each run. A file of results (`--json --outputFile=...`) holds the results of all in the end. Whoever
 * chooses projects (`--selectProjects`) gets one run, of those.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** The runs of a row go side by side; the next row begins when they have ended. */
const ROWS = [
  [
    // Not in band: Jest gives this worker's place to a new one before it is full (jest.config.mjs).
    ['--maxWorkers=1', '--selectProjects', 'unit', 'engine'],
    ['--runInBand', '--selectProjects', 'e2e'],
    ['--maxWorkers=2', '--selectProjects', 'deployment'],
  ],
  [['--runInBand', '--selectProjects', 'load', 'faults']],
];
const OUTPUT_FILE = '--outputFile=';
/** What Jest counts, under the names of its JSON. */
const COUNT = /^num[A-Z]/;

const given = process.argv.slice(2);
const outputFile = given.find((argument) => argument.startsWith(OUTPUT_FILE))?.slice(OUTPUT_FILE.length);
const others = given.filter((argument) => !argument.startsWith(OUTPUT_FILE));

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

/** One run: Jest's exit code, and its results if it reported any. */
async function runOf(projects, number) {
  // A pattern may fit no file of one of the runs.
  const own = given.length > 0 ? ['--passWithNoTests'] : [];
  const file = outputFile === undefined ? undefined : `${outputFile}.${number}`;
  if (file !== undefined) rmSync(file, { force: true });
  // The projects last: Jest would take what follows them for projects, too.
  const status = await jest([
    ...own,
    ...others,
    ...(file === undefined ? [] : [OUTPUT_FILE + file]),
    ...projects,
  ]);
  if (file === undefined || !existsSync(file)) return { status };
  const results = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  return { status, results };
}

/** One result of several runs. */
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
  const runs = [];
  for (const row of ROWS) {
    const number = runs.length;
    runs.push(...(await Promise.all(row.map((projects, index) => runOf(projects, number + index)))));
    if (runs.some(({ status }) => status >= 128)) break;
  }
  const exitCode = runs.map(({ status }) => status).find((status) => status !== 0) ?? 0;
  const reported = runs.flatMap(({ results }) => results ?? []);
  // A run that ended before it could report leaves none: its exit code says that all is not well.
  if (outputFile !== undefined && reported.length > 0) {
    const results = reported.reduce(merged);
    writeFileSync(outputFile, JSON.stringify({ ...results, success: results.success && exitCode === 0 }));
  }
  return exitCode;
}

process.exitCode = await testAll();
