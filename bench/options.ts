import { Command, InvalidArgumentError, Option } from 'commander';

/** The build before partial failures were provided for: what they are compared with unless another is named. */
const DEFAULT_COMPARED_REVISION = '048c0c7';

export interface BenchOptions {
  quick: boolean;
  /** Names of scenarios; all when missing. */
  only?: string[];
  /** Where the results go. */
  output?: string;
  /** A folder with `api.js` and `worker.js` to measure, such as those of another commit. */
  bundles?: string;
  /** A git revision, whose build is measured in the same rounds. */
  compare?: string;
  /** Rounds of each build, for scenarios that compare. */
  rounds?: number;
}

/** The names of the scenarios, and of those among them that compare two builds. */
export interface KnownScenarios {
  all: readonly string[];
  comparing: readonly string[];
}

/** Reads the command line of `npm run bench`. A bad option, or --help, ends the process with a message. */
export function parseBenchOptions(argv: string[], { all, comparing }: KnownScenarios): BenchOptions {
  const command = new Command('npm run bench --')
    .description('Measures the broker on this machine, and writes the figures as JSON, Markdown and SVG.')
    .option('--quick', 'fewer rounds and smaller pools: about a minute, and rough figures', false)
    .option('--only <names>', `only these scenarios, separated by commas: ${all.join(', ')}`, namesAmong(all))
    .option(
      '--output <directory>',
      'where the results go (default: bench/results for a whole run or a whole comparison, else .local/bench)',
    )
    .option(
      '--bundles <directory>',
      'measures the api.js and worker.js in it (default: bundles of the sources as they are)',
    )
    .addOption(
      new Option(
        '--compare [revision]',
        `measures the build of this git revision as well, in alternating rounds: ${comparing.join(', ')}`,
      ).preset(DEFAULT_COMPARED_REVISION),
    )
    .option('--rounds <count>', 'rounds of each build, for the scenarios that compare', positiveCount)
    .showHelpAfterError('(npm run bench -- --help tells the options)')
    .parse(argv, { from: 'user' });
  const options = command.opts<BenchOptions>();
  if (options.compare === undefined) return options;
  const wrong = options.only?.find((name) => !comparing.includes(name));
  if (wrong !== undefined) {
    command.error(`error: ${wrong} does not compare builds; leave it out of --only, or leave out --compare`);
  }
  return { ...options, only: options.only ?? [...comparing] };
}

function positiveCount(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999.');
}

function namesAmong(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const names = text.split(',').map((name) => name.trim());
    const wrong = names.find((name) => !known.includes(name));
    if (wrong === undefined) return names;
    throw new InvalidArgumentError(`There is no scenario ${JSON.stringify(wrong)}.`);
  };
}
