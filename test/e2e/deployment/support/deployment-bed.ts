import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Watchdog } from '../../../../local/processes/watchdog';
import { CommandRunner } from './command-runner';
import { Deployer, type Settings } from './deployer';
import { startEmulatedAccount, type EmulatedAccount } from './emulated-account';
import { TerraformProject } from './terraform-project';
import { deploymentTools } from './tools';

/** An empty account, and what it takes to deploy into it. */
export interface DeploymentBed {
  account: EmulatedAccount;
  /** A deployer with a folder, and so a state, of its own. */
  deployer: (name: string, settings: Settings) => Deployer;
  /** A configuration of the test's own, in a folder of that name. */
  terraformProject: (name: string, configuration: object) => TerraformProject;
  /** Ends every process and removes every file of this bed; also when half of it was never started. */
  stop: () => Promise<void>;
}

/** Makes one. If that fails, nothing of it stays. */
export async function startDeploymentBed(): Promise<DeploymentBed> {
  const tools = deploymentTools();
  const folder = mkdtempSync(join(tmpdir(), 'deployment-'));
  const watchdog = new Watchdog();
  const runner = new CommandRunner(watchdog);
  let account: EmulatedAccount | undefined;

  const stop = async (): Promise<void> => {
    await runner.stop();
    await account?.stop();
    await watchdog.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const started = await startEmulatedAccount(tools.emulatorCommand, folder, watchdog);
    account = started;
    return {
      account: started,
      deployer: (name, settings) => new Deployer(join(folder, name), started.url, tools, runner, settings),
      terraformProject: (name, configuration) =>
        new TerraformProject(join(folder, name), started.url, tools, runner, configuration),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
