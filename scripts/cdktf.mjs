/**
 * The project's own `cdktf`, without telemetry: cdktf.json cannot turn it off, and a deployment is nobody else's
 * business. Loaded rather than started as a child, so that Ctrl-C reaches the Terraform run that it must stop.
 */
import { createRequire } from 'node:module';

process.env.CHECKPOINT_DISABLE ??= '1';

// cdktf keeps TF_VAR_* from main.ts, which checks them before any stack is touched: they are passed under this name.
const terraformVariables = Object.entries(process.env).filter(([name]) => name.startsWith('TF_VAR_'));
process.env.SANDBOX_BROKER_TERRAFORM_VARIABLES = JSON.stringify(Object.fromEntries(terraformVariables));

// Which stacks it is about, so that main.ts can ask for what these need before the first of them is touched.
process.env.SANDBOX_BROKER_CDKTF_ARGUMENTS = JSON.stringify(process.argv.slice(2));

// What is missing all the same is an error: Terraform would ask for it, in the middle of a deploy, and without a terminal
// wait for ever. Approval is asked for as before.
process.env.TF_INPUT = '0';

createRequire(import.meta.url)('cdktf-cli/bundle/bin/cdktf.js');
