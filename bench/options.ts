import { Command, InvalidArgumentError } from 'commander';

export interface BenchOptions {
  quick: boolean;
  /** Names of scenarios; all when missing. */
  only?: string[];
  /** Where the results go. */
  output?: string;
  /** A folder with `api.js` and `worker.js` to measure, such as those of another commit. */
  bundles?: string;
}

/** Reads the command line of `npm run bench`. A bad option, or --help, ends the process with a message. */
export function parseBenchOptions(argv: string[], scenarioNames: readonly string[]): BenchOptions {
  return new Command('npm run bench --')
    .description('Measures the broker on this machine, and writes the figures as JSON, Markdown and SVG.')
    .option('--quick', 'fewer rounds and smaller pools: about a minute, and rough figures', false)
    .option(
      '--only <names>',
      `only these scenarios, separated by commas: ${scenarioNames.join(', ')}`,
      namesAmong(scenarioNames),
    )
    .option(
      '--output <directory>',
      'where the results go (default: bench/results for a whole run, else .local/bench)',
    )
    .option(
      '--bundles <directory>',
      'measures the api.js and worker.js in it (default: bundles of the sources as they are)',
    )
    .showHelpAfterError('(npm run bench -- --help tells the options)')
    .parse(argv, { from: 'user' })
    .opts<BenchOptions>();
}

function namesAmong(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const names = text.split(',').map((name) => name.trim());
    const wrong = names.find((name) => !known.includes(name));
    if (wrong === undefined) return names;
    throw new InvalidArgumentError(`There is no scenario ${JSON.stringify(wrong)}.`);
  };
}
