import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { serviceVariableDefinitions } from '../../stacks/variables/service-variables';
import { dockerfileStages } from '../image/dockerfile';
import {
  allJobs,
  allSteps,
  PREPARE_ACTION,
  prepareSteps,
  ROOT,
  textOf,
  workflow,
  workflowPaths,
  type Workflow,
} from './workflows';

/** What a linter does not know: the rules of this repository, and what workflows and code must agree on. */

const ENVIRONMENT_NAMES = Object.keys(ENVIRONMENTS);
const paths = workflowPaths();

describe.each(paths)('%s', (path) => {
  const { on, permissions } = parse(textOf(path)) as Workflow;

  it('may only read the repository, unless a job says more', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  it('never runs for a pull request with the rights of the main branch', () => {
    expect(Object.keys(on)).not.toContain('pull_request_target');
    expect(Object.keys(on)).not.toContain('workflow_run');
  });
});

describe('every job', () => {
  it.each(allJobs())('$where: has a time limit', ({ job }) => {
    expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });

  it.each(allJobs())('$where: gets an identity in AWS only where it takes on a role', ({ job }) => {
    const takesRole = job.steps.some(({ uses }) =>
      /configure-aws-credentials|prepare-deployment/.test(uses ?? ''),
    );

    expect(job.permissions?.['id-token'] === 'write').toBe(takesRole);
  });

  it.each(allJobs())('$where: may write to GitHub only where no code of the repository runs', ({ job }) => {
    const mayWrite = Object.entries(job.permissions ?? {}).some(
      ([scope, access]) => access === 'write' && scope !== 'id-token',
    );
    const runsOurCode = job.steps.some(({ uses }) => /checkout|^\.\//.test(uses ?? ''));

    expect(mayWrite && runsOurCode).toBe(false);
  });
});

describe('every step', () => {
  const steps = allSteps();
  const texts = [...paths, PREPARE_ACTION].map(textOf).join('\n');

  it.each(steps.filter(({ step }) => step.uses !== undefined))(
    '$where: $step.uses is ours or a fixed commit',
    ({ step }) => {
      expect(step.uses).toMatch(/^(\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40}$)/);
    },
  );

  it('names the version beside each fixed commit, for people and for Dependabot, and one for each action', () => {
    const pinned = [...texts.matchAll(/uses: ([\w-]+\/[\w-]+)@([0-9a-f]{40})(.*)$/gm)];

    expect(pinned.length).toBeGreaterThan(10);
    for (const [, , , comment] of pinned) expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    const versions = new Map<string, Set<string>>();
    for (const [, action = '', commit = '', comment = ''] of pinned) {
      versions.set(action, (versions.get(action) ?? new Set()).add(commit + comment));
    }
    for (const [action, found] of versions) expect([action, found.size]).toEqual([action, 1]);
  });

  it.each(steps.filter(({ step }) => step.run !== undefined))(
    '$where: what people type gets into "$step.run" through variables only',
    ({ step }) => {
      expect(step.run).not.toContain('${{');
    },
  );

  it.each(steps.filter(({ step }) => step.uses?.startsWith('actions/checkout')))(
    '$where: leaves no token of GitHub behind in the working copy',
    ({ step }) => {
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    },
  );

  it('runs only scripts that are there', () => {
    const runs = steps.map(({ step }) => step.run ?? '').join('\n');
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };

    const npmScripts = [...runs.matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    const files = [...runs.matchAll(/(?:^|\s)(?:node )?((?:scripts|\.ci)\/[\w./-]+)/g)].map(
      (match) => match[1] ?? '',
    );
    expect(npmScripts.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    expect(npmScripts).toContain('synth');
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(files).toContain('.ci/run');
  });

  it('sets only variables that the stacks declare', () => {
    const declared = Object.values(ENVIRONMENTS).flatMap((environment) =>
      Object.values(serviceVariableDefinitions(environment)).map(({ name }) => `TF_VAR_${name}`),
    );
    const used = [...texts.matchAll(/TF_VAR_\w+/g)].map(([name]) => name);

    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !declared.includes(name))).toEqual([]);
  });

  it('builds and deploys with the Node.js of the image, and with one Terraform', () => {
    const versions = steps.flatMap(({ step }) => step.with?.['node-version'] ?? []);
    // Unit tests also run with the others, which nothing is built or deployed with.
    const majors = versions.filter((version) => version !== '${{ matrix.node }}');
    const terraforms = new Set(steps.flatMap(({ step }) => step.with?.terraform_version ?? []));
    const image = dockerfileStages()[0]?.baseImage;

    expect(majors.length).toBeGreaterThan(1);
    for (const major of majors) expect(image).toMatch(new RegExp(`^node:${JSON.stringify(major)}\\.`));
    expect(terraforms.size).toBe(1);
  });
});

it('tests with every Node.js that package.json names, and names no other', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const named = [...engines.node.matchAll(/\^(\d+)\./g)].map(([, major]) => Number(major));
  const { gate, unit } = workflow('ci').jobs;
  const ofGate = gate?.steps.flatMap(({ with: inputs }) => inputs?.['node-version'] ?? []);

  expect(engines.node.split(' || ')).toHaveLength(named.length);
  expect(unit?.steps.map(({ run }) => run)).toContain('npm run test:unit');
  expect([...(unit?.strategy?.matrix.node as number[]), ...(ofGate ?? [])]).toEqual(named);
});

describe('the deploy', () => {
  const { on, concurrency, jobs } = workflow('deploy');

  it('waits for those who guard the environment, after they could read the plan', () => {
    expect(jobs.deploy?.environment).toBe('${{ inputs.environment }}');
    expect(jobs.deploy?.needs).toBe('plan');
    expect(jobs.plan?.environment).toBeUndefined();
  });

  it('is started by hand, for one of our environments', () => {
    expect(Object.keys(on)).toEqual(['workflow_dispatch']);
    expect(on.workflow_dispatch?.inputs?.environment?.options).toEqual(ENVIRONMENT_NAMES);
  });

  it('never overlaps with another one to the same environment, and is never broken off', () => {
    expect(concurrency).toEqual({ group: 'deploy-${{ inputs.environment }}', 'cancel-in-progress': false });
  });

  it('is of the main branch only', () => {
    expect(jobs.plan?.if).toBe("github.ref == 'refs/heads/main'");
    expect(workflow('image').jobs.image?.if).toBe("github.ref == 'refs/heads/main'");
  });

  it('prepares itself in the same way as the plan', () => {
    const preparations = [jobs.plan, jobs.deploy].map((job) => {
      const inputs = job?.steps.find(({ uses }) => uses?.startsWith('./'))?.with ?? {};
      return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'role-arn'));
    });

    expect(Object.keys(preparations[0] ?? {}).sort()).toEqual([
      'account-id',
      'aws-region',
      'environment',
      'settings',
      'state-bucket',
    ]);
    expect(preparations[1]).toEqual(preparations[0]);
  });

  it('says when it began, and ends with what ECS and the alarms make of it', () => {
    const runs = jobs.deploy?.steps.map(({ run }) => run ?? '') ?? [];
    const outputsFile = '"$RUNNER_TEMP/outputs.json"';
    const at = (text: string): number => runs.findIndex((run) => run.includes(text));

    const began = at('node scripts/watch-deployment.mjs before >> "$GITHUB_ENV"');
    const deployed = at(`cdktf.mjs deploy '*' --auto-approve --outputs-file ${outputsFile}`);
    expect(began).toBeGreaterThanOrEqual(0);
    expect(deployed).toBeGreaterThan(began);
    expect(at(`node scripts/watch-deployment.mjs after ${outputsFile}`)).toBe(runs.length - 1);
    const delivered = at('node scripts/deliver-standing-alarms.mjs');
    expect(delivered).toBeGreaterThan(deployed);
    expect(delivered).toBeLessThan(runs.length - 1);
  });
});

describe('what workflows and stacks must agree on', () => {
  it('plans every environment', () => {
    expect(workflow('plan').jobs.plan?.strategy?.matrix).toEqual({ environment: ENVIRONMENT_NAMES });
  });

  it('works in the region of the environments', () => {
    const regions = paths.flatMap((path) =>
      [...textOf(path).matchAll(/AWS_REGION: ([\w-]+)$/gm)].map((match) => match[1]),
    );

    expect(regions).toHaveLength(3);
    for (const { awsRegion } of Object.values(ENVIRONMENTS)) {
      expect(regions).toEqual(regions.map(() => awsRegion));
    }
  });

  it('pushes the image to the repository of dev', () => {
    expect(workflow('image').jobs.image?.env?.REPOSITORY).toBe(deployedNames(ENVIRONMENTS.dev).prefix);
  });

  it('gets credentials after packages are installed, so that none of their scripts sees them', () => {
    const steps = prepareSteps();
    const at = (isIt: (text: string) => boolean): number =>
      steps.findIndex(({ run, uses }) => isIt(`${run ?? ''}${uses ?? ''}`));

    expect(at((text) => text === 'npm ci')).toBeGreaterThanOrEqual(0);
    expect(at((text) => text.includes('configure-aws-credentials'))).toBeGreaterThan(
      at((text) => text === 'npm ci'),
    );
  });
});
