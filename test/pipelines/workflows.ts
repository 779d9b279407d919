import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(__dirname, '../..');
const WORKFLOWS = '.github/workflows';

/** A step of a job, or of an action of our own. */
export interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

export interface Job {
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  environment?: string;
  needs?: string | string[];
  if?: string;
  strategy?: { matrix: Record<string, unknown> };
  env?: Record<string, string>;
  steps: Step[];
}

export interface Workflow {
  on: Record<string, { inputs?: Record<string, { options?: string[] }> } | null>;
  permissions?: unknown;
  concurrency?: { group: string; 'cancel-in-progress'?: boolean };
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

/** The paths of all workflows. */
export function workflowPaths(): string[] {
  return readdirSync(join(ROOT, WORKFLOWS)).map((name) => join(WORKFLOWS, name));
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** One workflow, by its file's name without the ending. */
export function workflow(name: string): Workflow {
  return parse(textOf(join(WORKFLOWS, `${name}.yml`))) as Workflow;
}

export const PREPARE_ACTION = '.github/actions/prepare-deployment/action.yml';

/** The steps of our own action. */
export function prepareSteps(): Step[] {
  return (parse(textOf(PREPARE_ACTION)) as { runs: { steps: Step[] } }).runs.steps;
}

/** Every step of every workflow and of our own action, with where it stands. */
export function allSteps(): { where: string; step: Step }[] {
  const ofWorkflows = workflowPaths().flatMap((path) =>
    Object.entries((parse(textOf(path)) as Workflow).jobs).flatMap(([name, job]) =>
      job.steps.map((step) => ({ where: `${path}, ${name}`, step })),
    ),
  );
  return [...ofWorkflows, ...prepareSteps().map((step) => ({ where: PREPARE_ACTION, step }))];
}

/** Every job of every workflow. */
export function allJobs(): { where: string; job: Job }[] {
  return workflowPaths().flatMap((path) =>
    Object.entries((parse(textOf(path)) as Workflow).jobs).map(([name, job]) => ({
      where: `${path}, ${name}`,
      job,
    })),
  );
}
