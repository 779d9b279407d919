/** Where scripts/cdktf.mjs puts the `TF_VAR_*` of the shell, as a JSON object. */
const PASSED_VARIABLES = 'SANDBOX_BROKER_TERRAFORM_VARIABLES';

/** cdktf sets it for the program that it runs. */
const RUN_BY_CDKTF = 'CDKTF_OUTDIR';

/**
 * The environment with the `TF_VAR_*` of the person who deploys. cdktf itself keeps them from main.ts, so
 * scripts/cdktf.mjs passes them beside it; without that script they are unknown, and this is `undefined`. Terraform
 * then checks them alone, in every stack.
 */
export function givenVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  const passed = environment[PASSED_VARIABLES];
  if (passed !== undefined) return JSON.parse(passed) as NodeJS.ProcessEnv;
  return environment[RUN_BY_CDKTF] === undefined ? environment : undefined;
}
