import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandResult, CommandRunner } from './command-runner';
import { EmulatedBucket } from './emulated-bucket';
import { readPlan, type StackPlan } from './stack-plan';
import { terraformEnvironment } from './terraform-environment';
import type { DeploymentTools } from './tools';

const ROOT = join(__dirname, '../../../..');
const CDKTF = join(ROOT, 'scripts/cdktf.mjs');

/** Far more than a deployment takes: only one that hangs is killed. */
const DEPLOY_TIMEOUT_MS = 540_000;
const TERRAFORM_TIMEOUT_MS = 120_000;

/** Settings of one command: `SANDBOX_BROKER_ENV`, `TF_VAR_*`. */
export type Settings = Record<string, string>;

/**
 * Deploys as a person does, with `cdktf`, from the sources as they are; but synthesized stacks and state lie in a
 * folder of the test's, so that nobody's own are touched.
 */
export class Deployer {
  private readonly outputFolder: string;
  private readonly environment: Record<string, string>;
  private readonly printed: string[] = [];

  constructor(
    private readonly folder: string,
    private readonly accountUrl: string,
    private readonly tools: DeploymentTools,
    private readonly runner: CommandRunner,
    private readonly settings: Settings,
  ) {
    mkdirSync(folder, { recursive: true });
    this.environment = terraformEnvironment(folder, accountUrl, tools);
    this.outputFolder = join(folder, 'cdktf.out');
  }

  /** `cdktf deploy '*' --auto-approve`. */
  deploy(settings: Settings = {}): Promise<CommandResult> {
    return this.cdktf('deploy', settings);
  }

  /** `cdktf destroy <stacks> --auto-approve`, by default of all. */
  destroy(stacks = '*'): Promise<CommandResult> {
    return this.cdktf('destroy', {}, stacks);
  }

  /** `terraform plan` of a stack that has been deployed. @throws Error when it cannot be planned. */
  async plan(stack: string, settings: Settings = {}): Promise<StackPlan> {
    const planned = await this.terraform(
      stack,
      settings,
      'plan',
      '-input=false',
      '-detailed-exitcode',
      '-out=plan',
    );
    if (planned.exitCode === 0) return { stack, changes: [], outputs: [], output: planned.output };
    if (planned.exitCode !== 2) throw new Error(`terraform plan of ${stack} failed:\n${planned.output}`);

    const shown = await this.terraform(stack, settings, 'show', '-json', 'plan');
    if (shown.exitCode !== 0) throw new Error(`terraform show of ${stack} failed:\n${shown.output}`);
    return { stack, ...readPlan(shown.stdout), output: planned.output, json: shown.stdout };
  }

  /**
   * `terraform apply` of a stack that has been deployed, after a change of its configuration as text. The next synth
   * writes the configuration anew.
   */
  applyChanged(
    stack: string,
    change: (configuration: string) => string,
    settings: Settings = {},
  ): Promise<CommandResult> {
    const path = join(this.outputFolder, 'stacks', stack, 'cdk.tf.json');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    return this.terraform(stack, settings, 'apply', '-input=false', '-auto-approve');
  }

  /** The ids of the stacks that the last synth wrote. */
  stacks(): string[] {
    const folder = join(this.outputFolder, 'stacks');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  /** What the last synth wrote beside the configuration of a stack. */
  stackFile(stack: string, path: string): Buffer {
    return readFileSync(join(this.outputFolder, 'stacks', stack, path));
  }

  /** The state of every stack, from disk or from the bucket of the settings, by the file's name. */
  async stateFiles(): Promise<Record<string, string>> {
    const { TF_STATE_BUCKET: bucket } = this.settings;
    if (bucket !== undefined) return EmulatedBucket.at(this.accountUrl, bucket).objects();
    const names = readdirSync(this.folder).filter((name) => name.includes('tfstate'));
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(this.folder, name), 'utf8')]));
  }

  /** All that its commands have printed so far. */
  transcript(): string {
    return this.printed.join('\n');
  }

  private cdktf(command: 'deploy' | 'destroy', settings: Settings, stacks = '*'): Promise<CommandResult> {
    const args = [CDKTF, command, stacks, '--auto-approve', '--no-color', '--output', this.outputFolder];
    // A provider of a mirror is locked for this platform only; locking it for more would need the registry.
    if (this.tools.providerMirror !== undefined && command === 'deploy') args.push('--skip-provider-lock');
    return this.run(process.execPath, args, ROOT, settings, DEPLOY_TIMEOUT_MS);
  }

  private terraform(stack: string, settings: Settings, ...args: string[]): Promise<CommandResult> {
    const folder = join(this.outputFolder, 'stacks', stack);
    return this.run('terraform', [...args, '-no-color'], folder, settings, TERRAFORM_TIMEOUT_MS);
  }

  private async run(
    command: string,
    args: string[],
    cwd: string,
    settings: Settings,
    timeoutMs: number,
  ): Promise<CommandResult> {
    const env = { ...this.environment, ...this.settings, ...settings };
    const result = await this.runner.run({ command, args, cwd, env, timeoutMs });
    this.printed.push(result.output);
    return result;
  }
}
