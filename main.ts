import { App } from 'cdktf';
import { DataStack } from './stacks/data-stack';
import { DeploymentSettingError, deploymentSettings } from './stacks/environments';

/** Writes the stacks of the chosen environment as Terraform configuration; `cdktf` runs this file. */
function main(): void {
  const settings = deploymentSettings(process.env);
  const app = new App();
  new DataStack(app, settings);
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof DeploymentSettingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
