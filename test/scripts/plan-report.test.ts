import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptFolder } from './run-script';

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder();
  for (const stack of ['dev-data', 'dev-service'])
    mkdirSync(join(folder.path, 'stacks', stack), { recursive: true });
});

afterEach(() => {
  folder.remove();
});

/** A Terraform that shows this plan for the service stack, and nothing to do for the other. */
function addTerraform({
  shown = 'Plan: 1 to add, 2 to change, 0 to destroy.',
  planStatus = 0,
  planText = 'Error: no token',
  dataShown = 'No changes. Your infrastructure matches the configuration.',
}): void {
  folder.addProgram(
    'terraform',
    `case "$1 $2" in
      "-chdir=stacks/dev-service plan") case "$*" in *-lock=false*) echo "${planText}"; exit ${planStatus} ;; *) exit 8 ;; esac ;;
      "-chdir=stacks/dev-service show") cat <<'TEXT'\n${shown}\nTEXT\n;;
      "-chdir=stacks/dev-data show") echo '${dataShown}' ;;
    esac`,
  );
}

function run(): ReturnType<ScriptFolder['run']> {
  return folder.run('plan-report.mjs', ['dev', 'stacks']);
}

it('sums up each stack in a line, and folds its plan away', () => {
  addTerraform({});

  const { status, stdout } = run();

  expect(stdout).toContain('### Plan for dev\n');
  expect(stdout).toContain('<summary>dev-data: No changes</summary>');
  expect(stdout).toContain('<summary>dev-service: 1 to add, 2 to change, 0 to destroy</summary>');
  expect(stdout).toContain('\n````\nPlan: 1 to add, 2 to change, 0 to destroy.\n````\n');
  expect(status).toBe(0);
});

it('reports a plan that failed with what Terraform said, still plans the others, and exits with 1', () => {
  addTerraform({ planStatus: 1 });

  const { status, stdout, stderr } = run();

  expect(stdout).toContain('<summary>dev-service: the plan failed</summary>');
  expect(stdout).toContain('Error: no token');
  expect(stdout).toContain('<summary>dev-data: No changes</summary>');
  expect(stderr).toContain('No plan could be made for dev-service');
  expect(status).toBe(1);
});

describe.each([
  [
    'something new of a stack below it',
    'Error: Unsupported attribute on data.terraform_remote_state.data: no attribute named x',
  ],
  [
    'a stack below it that has no state yet',
    'Error: Unable to find remote state with data.terraform_remote_state.data',
  ],
])('a stack that uses %s', (_what, planText) => {
  const lacking = { planStatus: 1, planText };

  it('waits for that one to be deployed, which a deploy of all does first', () => {
    addTerraform({ ...lacking, dataShown: 'Changes to Outputs:' });

    const { status, stdout } = run();

    expect(stdout).toContain(
      '<summary>dev-service: can be planned once the stacks below it are deployed</summary>',
    );
    expect(status).toBe(0);
  });

  it('fails when no stack below it will ever give that', () => {
    addTerraform(lacking);

    expect(run()).toMatchObject({ status: 1, stdout: expect.stringContaining('the plan failed') as string });
  });
});

it('fits into a comment of GitHub twice, however long the plans are', () => {
  addTerraform({ shown: `${'a line of a plan\n'.repeat(5_000)}Plan: 1 to add, 0 to change, 0 to destroy.` });

  const { stdout } = run();

  expect(stdout.length).toBeLessThan(32_000);
  expect(stdout).toContain('<summary>dev-service: 1 to add');
  expect(stdout).toContain('cut off: see the run');
});

it('says so when there is no Terraform', () => {
  expect(run()).toMatchObject({ status: 1, stdout: expect.stringContaining('ENOENT') as string });
});
