import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandResult, CommandRunner } from './command-runner';
import { readPlan, type StackPlan } from './stack-plan';
import { terraformEnvironment } from './terraform-environment';
import type { DeploymentTools } from './tools';

const TIMEOUT_MS = 120_000;

/** A folder with one configuration in Terraform's JSON, applied without `cdktf`. Its state lies beside it. */
export class TerraformProject {
  private readonly environment: Record<string, string>;

  constructor(
    private readonly folder: string,
    accountUrl: string,
    tools: DeploymentTools,
    private readonly runner: CommandRunner,
    configuration: object,
  ) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration));
    this.environment = terraformEnvironment(folder, accountUrl, tools);
  }

  /** `terraform init` and `apply`. @throws Error with Terraform's output when one of them fails. */
  async apply(): Promise<void> {
    await this.succeed('init', '-input=false');
    await this.succeed('apply', '-input=false', '-auto-approve');
  }

  /** What a plan would change now. @throws Error when none can be made. */
  async plan(): Promise<Pick<StackPlan, 'changes' | 'outputs'>> {
    await this.succeed('plan', '-input=false', '-out=plan');
    return readPlan((await this.succeed('show', '-json', 'plan')).stdout);
  }

  private async succeed(...args: [string, ...string[]]): Promise<CommandResult> {
    const result = await this.runner.run({
      command: 'terraform',
      args: [...args, '-no-color'],
      cwd: this.folder,
      env: this.environment,
      timeoutMs: TIMEOUT_MS,
    });
    if (result.exitCode !== 0) throw new Error(`terraform ${args[0]} failed:\n${result.output}`);
    return result;
  }
}
