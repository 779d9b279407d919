import { CommanderError } from 'commander';
import fc from 'fast-check';
import type { Invocation } from '../../cli/invocation';
import { parseCommandLine } from '../../cli/parse-command-line';
import { oddText } from './odd-values';
import { fuzzSettings, runProperty } from './run-property';

const WORDS = [
  ...['status', 'watch', 'history', 'rollback', 'resume', 'freeze', 'unfreeze', 'worker', 'api', 'help'],
  ...['--env', '--local', '--json', '--verbose', '--region', '--table', '--help', '-h', '--version', '--'],
  ...['--reason', '--by', '--yes', '--dry-run', '--jobs', '--to', '--wait-minutes', '--minutes', '--limit'],
  ...[
    '--no-pool',
    '--interval-seconds',
    '--reason=x',
    '--minutes=5',
    'dev',
    'prod',
    'none',
    '7',
    '-1',
    '1e3',
  ],
];

const COMMANDS = [
  ['status'],
  ['watch'],
  ['history'],
  ['rollback', 'worker', '--reason', 'x'],
  ['rollback', 'api'],
  ['resume', 'worker'],
  ['freeze', '--reason', 'x'],
  ['unfreeze'],
];

const argv = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...COMMANDS) },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
    fc.array(
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: oddText }),
      {
        maxLength: 5,
      },
    ),
  )
  .map(([command, words]) => [...command, ...words]);

it('understands a command line, or says what is wrong with it, and never guesses at an action', async () => {
  let understood = 0;
  let refused = 0;

  await runProperty(
    argv,
    (words) => {
      let written = '';
      const write = (text: string): void => {
        written += text;
      };
      try {
        const invocation = parseCommandLine(words, { out: write, err: write });
        understood += 1;
        return wrongWith(invocation, words);
      } catch (error) {
        refused += 1;
        // Anything else would end with a stack trace.
        if (!(error instanceof CommanderError)) throw error;
        return written === '' ? ['said nothing'] : [];
      }
    },
    fuzzSettings('the command line', 1_500),
  );

  expect(understood).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});

/** An action that stops something needs its reason, and is confirmed by nobody but who said so. */
function wrongWith(invocation: Invocation, words: string[]): string[] {
  const wrong: string[] = [];
  if (invocation.command === 'worker') {
    const { action, options } = invocation;
    const needsReason = action.action === 'rollback_worker' || action.action === 'freeze';
    if (needsReason && action.reason === '') wrong.push('acts without a reason');
    if (options.isConfirmed && !words.includes('--yes')) wrong.push('confirms by itself');
    if (!options.isDryRun && words.includes('--dry-run') && !isValue(words, '--dry-run'))
      wrong.push('acts in a dry run');
  }
  return wrong;
}

/** Is this word the value of an option before it, or behind `--`? */
function isValue(words: string[], word: string): boolean {
  const at = words.indexOf(word);
  return words.slice(0, at).includes('--') || /^--(env|region|table|jobs|to)$/.test(words[at - 1] ?? '');
}
