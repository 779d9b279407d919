import { CommanderError } from 'commander';
import type { Invocation } from '../../cli/invocation';
import { parseCommandLine } from '../../cli/parse-command-line';

function parse(line: string): { invocation: Invocation; written: string } {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const argv = line.split(' ').filter((word) => word !== '');
  return { invocation: parseCommandLine(argv, { out: write, err: write }), written };
}

/** The error of a faulty command line, and what was written. */
function refusal(line: string): { error: CommanderError; written: string } {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  try {
    parseCommandLine(line.split(' '), { out: write, err: write });
  } catch (error) {
    if (error instanceof CommanderError) return { error, written };
    throw error;
  }
  throw new Error(`"${line}" was taken`);
}

const UNCONFIRMED = { isDryRun: false, isConfirmed: false };

it.each([
  ['status', { command: 'status', isPoolCounted: true }],
  ['status --no-pool', { command: 'status', isPoolCounted: false }],
  ['watch', { command: 'watch', options: { minutes: 60, intervalSeconds: 15 } }],
  [
    'watch --minutes 5 --interval-seconds 2',
    { command: 'watch', options: { minutes: 5, intervalSeconds: 2 } },
  ],
  ['history --limit 3', { command: 'history', limit: 3 }],
  [
    'rollback worker --reason burns',
    {
      command: 'worker',
      action: { action: 'rollback_worker', reason: 'burns', jobsRunner: 'api' },
      options: UNCONFIRMED,
    },
  ],
  [
    'rollback worker --reason burns --jobs none --yes --by bob',
    {
      command: 'worker',
      action: { action: 'rollback_worker', reason: 'burns', jobsRunner: 'none' },
      options: { by: 'bob', isDryRun: false, isConfirmed: true },
    },
  ],
  [
    'resume worker --dry-run',
    {
      command: 'worker',
      action: { action: 'resume_worker' },
      options: { isDryRun: true, isConfirmed: false },
    },
  ],
  [
    'freeze --reason portal',
    { command: 'worker', action: { action: 'freeze', reason: 'portal' }, options: UNCONFIRMED },
  ],
  ['unfreeze', { command: 'worker', action: { action: 'unfreeze' }, options: UNCONFIRMED }],
  [
    'initialise --portal HTTPS://Portal.Example.com/api/ --yes',
    {
      command: 'initialise',
      options: { portal: 'https://portal.example.com/api', isDryRun: false, isConfirmed: true },
    },
  ],
  [
    'replay-allocations --file x.ndjson --dry-run',
    { command: 'replay_allocations', options: { file: 'x.ndjson', isDryRun: true, isConfirmed: false } },
  ],
  ['rollback api', { command: 'rollback_api', options: { ...UNCONFIRMED, waitMinutes: 15 } }],
  [
    'rollback api --to api:7 --wait-minutes 0 --reason bad',
    { command: 'rollback_api', options: { ...UNCONFIRMED, to: 'api:7', reason: 'bad', waitMinutes: 0 } },
  ],
])('understands "%s"', (line, expected) => {
  expect(parse(line).invocation).toEqual({ global: { isJson: false, isVerbose: false }, ...expected });
});

it.each([
  '--env prod --json status',
  'status --env prod --json',
  'rollback worker --reason x --env prod --json',
])('takes the common options before and after the command: %s', (line) => {
  expect(parse(line).invocation.global).toEqual({ env: 'prod', isJson: true, isVerbose: false });
});

it('passes on every option that names a target', () => {
  const line =
    'status --local --endpoint-dynamodb u --region r --cluster c --api-service a --worker-service w --parameter p ' +
    '--alarm-prefix x --table t';

  expect(parse(line).invocation.global).toMatchObject({
    local: true,
    endpointDynamodb: 'u',
    region: 'r',
    cluster: 'c',
    apiService: 'a',
    workerService: 'w',
    parameter: 'p',
    alarmPrefix: 'x',
    table: 't',
  });
});

it.each([
  ['rollback worker', '--reason'],
  ['freeze', '--reason'],
  ['rollback worker --reason', 'argument missing'],
  ['nix', 'unknown command'],
  ['rollback nix', 'unknown command'],
  ['status --nix', 'unknown option'],
  ['status extra', 'too many arguments'],
  ['watch --minutes 0', 'whole number from 1'],
  ['watch --minutes 1.5', 'whole number from 1'],
  ['history --limit x', 'whole number from 1'],
  ['rollback api --to latest', 'revision such as 7'],
  ['rollback api --to 0', 'revision such as 7'],
  ['rollback worker --reason x --jobs worker', 'Allowed choices are api, none'],
  [`freeze --reason ${'x'.repeat(501)}`, '1 to 500 characters'],
  ['resume worker --reason --dry-run', 'must not begin with -'],
  ['resume worker --reason --local --dry-run', 'must not begin with -'],
  ['unfreeze --by --dry-run', 'must not begin with -'],
  ['initialise', '--portal'],
  ['initialise --portal portal.example.com', 'must be a URL'],
  ['initialise --portal ftp://portal.example.com', 'must be a URL'],
  ['initialise --portal https://a.example --replaces b', 'must be a URL'],
  ['replay-allocations', '--file'],
  ['replay-allocations --file', 'argument missing'],
])('refuses "%s" and says why', (line, message) => {
  const { error, written } = refusal(line);

  expect(error.exitCode).not.toBe(0);
  expect(written).toContain(message);
});

it('shows the common options in the help of each command', () => {
  for (const command of ['status', 'rollback worker', 'unfreeze']) {
    const { error, written } = refusal(`${command} --help`);
    expect(error.code).toBe('commander.helpDisplayed');
    expect(written).toContain('--env <name>');
  }
});
