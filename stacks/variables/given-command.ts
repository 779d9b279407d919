/** Where scripts/cdktf.mjs puts the arguments of `cdktf`, as a JSON array. */
const PASSED_ARGUMENTS = 'SANDBOX_BROKER_CDKTF_ARGUMENTS';

/** Those commands of cdktf, with their aliases, in which Terraform wants a value for every variable. */
const NEEDS_VALUES = new Set(['deploy', 'apply', 'destroy', 'diff', 'plan', 'watch']);

/** What the person who deploys has told cdktf to do. */
export interface GivenCommand {
  /** Whether Terraform is to plan this stack, and so wants its variables. */
  isAbout(stackId: string): boolean;
  /** Whether values may come from where synth does not see them: `--var` or `--var-file`. */
  hasOtherValues: boolean;
}

/**
 * Reads the command that scripts/cdktf.mjs passes. Without that script nothing is known of it, and it is about no stack:
 * Terraform is then left to find what is missing.
 */
export function givenCommand(environment: NodeJS.ProcessEnv): GivenCommand {
  const [command = '', ...rest] = JSON.parse(environment[PASSED_ARGUMENTS] ?? '[]') as string[];
  return {
    // An option's value that happens to name the stack counts, too: cdktf itself decides what is an option.
    isAbout: (stackId) =>
      NEEDS_VALUES.has(command) && rest.some((argument) => asPattern(argument).test(stackId)),
    hasOtherValues: rest.some((argument) => /^--var(?:-file)?(?:=|$)/.test(argument)),
  };
}

/** How cdktf reads the name of a stack: as minimatch does, of which ids without a slash need `*` and `?`. */
function asPattern(argument: string): RegExp {
  const source = argument
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
