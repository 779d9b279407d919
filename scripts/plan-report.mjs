/**
 * Plans every synthesized stack with Terraform and prints a report in Markdown: a heading, then one folded section for
 * each stack. Takes no lock, so that a role that only reads can run it. Exits with 1 when a plan failed, and says which;
 * not when it only has to wait for what a stack below it will give.
 *
 *     node scripts/plan-report.mjs <environment> [folder of the stacks]
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** GitHub takes 65,536 characters in a comment, which holds two environments. */
const MAX_REPORT_LENGTH = 30_000;

const [environment = '', folder = join('cdktf.out', 'stacks')] = process.argv.slice(2);

function terraform(stack, ...args) {
  const result = spawnSync('terraform', [`-chdir=${join(folder, stack)}`, ...args], { encoding: 'utf8' });
  return { isFine: result.status === 0, text: result.error?.message ?? `${result.stdout}${result.stderr}` };
}

function plan(stack) {
  const planned = [
    () => terraform(stack, 'init', '-input=false', '-no-color'),
    () => terraform(stack, 'plan', '-input=false', '-no-color', '-lock=false', '-out=plan.tfplan'),
  ];
  for (const step of planned) {
    const { isFine, text } = step();
    if (!isFine)
      return {
        stack,
        isFine,
        isWaiting: isForLackOfStackBelow(text),
        summary: 'the plan failed',
        text: text.trim(),
      };
  }
  const { isFine, text } = terraform(stack, 'show', '-no-color', 'plan.tfplan');
  return { stack, isFine, summary: summaryOf(text), text: text.trim() };
}

/**
 * It uses something of a stack below it that is not deployed yet; `cdktf deploy '*'` does that first. Before the first
 * deployment of an environment there is no state at all, and later one without the new output.
 */
function isForLackOfStackBelow(text) {
  const isNoState = text.includes('Unable to find remote state');
  const isNoOutput = text.includes('Unsupported attribute') && text.includes('data.terraform_remote_state');
  return isNoState || isNoOutput;
}

function summaryOf(text) {
  return /^Plan: (.*)\.$/m.exec(text)?.[1] ?? /^No changes/m.exec(text)?.[0] ?? 'outputs only';
}

function section({ stack, summary, text }, maxLength) {
  const shown = text.length <= maxLength ? text : `${text.slice(0, maxLength)}\n… cut off: see the run`;
  // A fence of four, so that a text that holds one of three cannot end it.
  return `<details><summary>${stack}: ${summary}</summary>\n\n\`\`\`\`\n${shown}\n\`\`\`\`\n\n</details>\n`;
}

const stacks = readdirSync(folder).sort();
const plans = stacks.map(plan);
const isSomethingToCome = plans.some(({ isFine, text }) => isFine && text.includes('Changes to Outputs'));
for (const each of plans.filter(({ isWaiting }) => isWaiting && isSomethingToCome)) {
  each.isFine = true;
  each.summary = 'can be planned once the stacks below it are deployed';
}
const maxLength = Math.floor(MAX_REPORT_LENGTH / plans.length);
console.log([`### Plan for ${environment}`, ...plans.map((each) => section(each, maxLength))].join('\n\n'));

const failed = plans.filter(({ isFine }) => !isFine).map(({ stack }) => stack);
if (failed.length > 0) console.error(`No plan could be made for ${failed.join(', ')}: see the report.`);
process.exitCode = failed.length > 0 ? 1 : 0;
