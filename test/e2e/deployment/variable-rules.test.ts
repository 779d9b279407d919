import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformStack, Testing } from 'cdktf';
import { ENVIRONMENTS } from '../../../stacks/environments';
import { declareServiceVariables } from '../../../stacks/variables/declare-service-variables';
import { terraformString } from '../../../stacks/variables/rule';
import { GIVEN, VARIABLE_CASES, type VariableCase } from '../../stacks/variables/variable-cases';
import { describeDeployment } from './support/tools';

/*
 * The rules of the variables as Terraform itself reads them. The unit tests judge the same cases by the rules that
 * synth checks, so the two agree. It needs Terraform, but neither a provider nor an emulator.
 */

interface Diagnostic {
  summary: string;
  detail: string;
  range?: { filename: string; start: { line: number } };
}

type DeclaredVariables = Record<
  VariableCase['environment'],
  Record<string, { default?: string | number | boolean }>
>;

interface Place {
  case: VariableCase;
  name: string;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'variable-rules-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Writes the variables as a module, exactly as the service stack declares them. */
function writeModule(environment: VariableCase['environment']): DeclaredVariables['dev'] {
  const stack = new TerraformStack(new App(), 'stack');
  declareServiceVariables(stack, ENVIRONMENTS[environment]);
  const { variable } = JSON.parse(Testing.synth(stack)) as { variable: DeclaredVariables['dev'] };
  mkdirSync(join(folder, environment));
  writeFileSync(join(folder, environment, 'variables.tf.json'), JSON.stringify({ variable }));
  return variable;
}

function planFaults(): Diagnostic[] {
  execFileSync('terraform', ['init', '-input=false'], { cwd: folder, stdio: 'pipe' });
  const plan = spawnSync('terraform', ['plan', '-json', '-input=false'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return plan.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { diagnostic?: Diagnostic })
    .flatMap(({ diagnostic }) => diagnostic ?? []);
}

/** Cases as calls of the modules, each variable on a line of its own; by line, which case and variable it is. */
function writeCases(cases: readonly VariableCase[], declared: DeclaredVariables): Map<number, Place> {
  const placeByLine = new Map<number, Place>();
  const lines: string[] = [];
  cases.forEach((one, index) => {
    lines.push(`module "case_${index}" {`, `  source = "./${one.environment}"`);
    for (const [name, { default: byDefault }] of Object.entries(declared[one.environment])) {
      const value = one.values[name] ?? GIVEN[name] ?? String(byDefault);
      lines.push(`  ${name} = ${terraformString(value)}`);
      placeByLine.set(lines.length, { case: one, name });
    }
    lines.push('}');
  });
  writeFileSync(join(folder, 'main.tf'), lines.join('\n'));
  return placeByLine;
}

/**
 * The variables that Terraform refuses in each case. While any value is refused by itself, Terraform does not get to
 * the rules that read other variables, in whichever module: so those that pass are asked again without the others.
 */
function refusedByTerraform(): Map<VariableCase, Set<string>> {
  const declared = { dev: writeModule('dev'), prod: writeModule('prod') };
  const refused = new Map(VARIABLE_CASES.map((one) => [one, new Set<string>()]));
  for (;;) {
    const undecided = VARIABLE_CASES.filter((one) => refused.get(one)?.size === 0);
    const placeByLine = writeCases(undecided, declared);
    const faults = planFaults();
    for (const { summary, detail, range } of faults) {
      const place = range?.filename === 'main.tf' ? placeByLine.get(range.start.line) : undefined;
      if (place === undefined) throw new Error(`This is no refusal of a value: ${summary}: ${detail}`);
      refused.get(place.case)?.add(place.name);
    }
    if (faults.length === 0) return refused;
  }
}

describeDeployment('the rules of the variables', () => {
  it('are the same for Terraform as they are for synth', () => {
    const refused = refusedByTerraform();

    const judged = VARIABLE_CASES.map((one) => ({ ...one, refused: [...(refused.get(one) ?? [])] }));
    expect(judged).toEqual(VARIABLE_CASES);
  }, 120_000);
});
