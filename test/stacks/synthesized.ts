import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Testing, TerraformStack } from 'cdktf';

/** Blocks of one kind: by Terraform type, and then by the id in Terraform's address. */
export type BlocksByType = Record<string, Record<string, unknown>>;

/** A stack as Terraform reads it (`cdk.tf.json`): what it has none of is absent. */
export interface SynthesizedStack {
  terraform: { backend: Record<string, Record<string, unknown>>; required_version: string };
  provider: { aws: { region: string; default_tags: { tags: Record<string, string> }[] }[] };
  resource?: BlocksByType;
  data?: BlocksByType;
  variable?: Record<string, Record<string, unknown>>;
  output?: Record<string, { value: unknown; description?: string; sensitive?: boolean }>;
}

/** Whether to look at the stack's resources or at what it only reads (data sources). */
export type BlockKind = 'resource' | 'data';

/**
 * Synthesizes every stack that `build` makes, as `npm run synth` does it: with CDKTF's validations, and with the
 * outputs and remote states that carry references from one stack to another.
 * @returns the stacks by their ids, such as `sandbox-broker-dev-data`.
 */
export function synthesizeStacks(build: (app: App) => void): Record<string, SynthesizedStack> {
  return synthesizeInto(build, (ids, outdir) =>
    Object.fromEntries(ids.map((id) => [id, readStack(outdir, id)])),
  );
}

/** The same, and reads a file beside the configuration of the stack that `build` returns. */
export function synthesizedFile(build: (app: App) => TerraformStack, path: string): Buffer {
  let id = '';
  return synthesizeInto(
    (app) => {
      id = build(app).node.id;
    },
    (_ids, outdir) => readFileSync(join(outdir, 'stacks', id, path)),
  );
}

function synthesizeInto<Result>(
  build: (app: App) => void,
  read: (stackIds: string[], outdir: string) => Result,
): Result {
  const outdir = mkdtempSync(join(tmpdir(), 'synthesized-'));
  try {
    const app = Testing.app({ outdir });
    build(app);
    app.synth();
    const ids = app.node
      .findAll()
      .filter((construct) => TerraformStack.isStack(construct))
      .map((stack) => stack.node.id);
    return read(ids, outdir);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The same for the one stack that `build` returns; it may make others that this one refers to. */
export function synthesizeStack(build: (app: App) => TerraformStack): SynthesizedStack {
  let id: string | undefined;
  const stacks = synthesizeStacks((app) => {
    id = build(app).node.id;
  });
  const stack = id === undefined ? undefined : stacks[id];
  if (stack === undefined) throw new Error(`No stack ${String(id)} was synthesized.`);
  return stack;
}

/**
 * The stack's resources of a type (or, with the kind `data`, its data sources), by their ids; empty when it has none.
 * `Block` says which parts the test reads: nobody checks it.
 */
export function resources<Block>(
  stack: SynthesizedStack,
  type: string,
  kind: BlockKind = 'resource',
): Record<string, Block> {
  return (stack[kind]?.[type] ?? {}) as Record<string, Block>;
}

/** The one resource of its type. @throws Error when there is none, or more than one. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it names what the test reads.
export function onlyResource<Block>(
  stack: SynthesizedStack,
  type: string,
  kind: BlockKind = 'resource',
): Block {
  const [only, ...others] = Object.values(resources<Block>(stack, type, kind));
  if (only === undefined || others.length > 0) {
    throw new Error(
      `Expected exactly one ${type}, found ${Object.keys(resources(stack, type, kind)).length}.`,
    );
  }
  return only;
}

/** The types of everything the stack makes, sorted. */
export function resourceTypes(stack: SynthesizedStack): string[] {
  return Object.keys(stack.resource ?? {}).sort();
}

function readStack(outdir: string, id: string): SynthesizedStack {
  return JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8')) as SynthesizedStack;
}
