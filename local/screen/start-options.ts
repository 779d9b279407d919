import { Command, InvalidArgumentError, Option } from 'commander';

export interface StartOptions {
  sandboxes: number;
  port: number;
  tasks: number;
  workerPort: number;
  /** For tests: runs this as the API, and builds nothing. */
  apiEntry?: string;
  /** For tests: where files go, instead of .local/. */
  directory?: string;
}

const MAX_PORT = 65_535;

/** Reads the command line of `npm start`. A bad option, or --help, ends the process with a message. */
export function parseStartOptions(argv: string[]): StartOptions {
  const command = new Command('npm start --')
    .description('Runs the whole broker on this machine: API processes, table and a simulated portal.')
    .option('--sandboxes <N>', 'sandboxes in the pool', wholeNumber(0, 100_000), 50)
    .option(
      '--port <P>',
      'port of the first API process, the next has P+1; 0 takes free ones',
      wholeNumber(0, MAX_PORT),
      8080,
    )
    .option('--tasks <N>', 'API processes', wholeNumber(1, 20), 2)
    .option('--worker-port <P>', 'port of the worker; 0 takes a free one', wholeNumber(0, MAX_PORT), 9090)
    .addOption(new Option('--api-entry <file>').hideHelp())
    .addOption(new Option('--directory <path>').hideHelp())
    .showHelpAfterError('(npm start -- --help tells the options)')
    .parse(argv, { from: 'user' });
  const options = command.opts<StartOptions>();
  if (options.port + options.tasks - 1 > MAX_PORT) {
    command.error(`error: there are no ${options.tasks} ports from ${options.port} on`);
  }
  return options;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
