import { App } from 'cdktf';
import { BootstrapStack } from './stacks/bootstrap-stack';
import { DataStack } from './stacks/data-stack';
import { DeploymentSettingError, deploymentSettings, type DeploymentSettings } from './stacks/environments';
import { deployedNames } from './stacks/names';
import { NetworkStack } from './stacks/network-stack';
import { RollbackStack } from './stacks/rollback-stack';
import { ServiceStack } from './stacks/service-stack';
import { checkBootstrapVariables, checkServiceVariables } from './stacks/variables/check-service-variables';
import { guardWithServiceVariables } from './stacks/variables/declare-service-variables';
import { givenCommand } from './stacks/variables/given-command';
import { givenVariables } from './stacks/variables/given-variables';

/** Writes the stacks of the chosen environment as Terraform configuration; `cdktf` runs this file. */
function main(): void {
  const settings = deploymentSettings(process.env);
  const variables = givenVariables(process.env);
  if (settings.stackSet === 'bootstrap') {
    if (variables !== undefined) checkBootstrapVariables(settings.environment, variables);
    synthesizeBootstrap(settings);
    return;
  }
  const command = givenCommand(process.env);
  const areAllNeeded = command.isAbout(`${deployedNames(settings.environment).prefix}-service`);
  if (variables !== undefined) {
    checkServiceVariables(settings.environment, variables, areAllNeeded && !command.hasOtherValues);
  }
  synthesizeBroker(settings, areAllNeeded);
}

/** What an account needs once, before the others. Alone: see BootstrapStack. */
function synthesizeBootstrap(settings: DeploymentSettings): void {
  const app = new App();
  new BootstrapStack(app, settings);
  app.synth();
}

function synthesizeBroker(settings: DeploymentSettings, areAllNeeded: boolean): void {
  const app = new App();
  const network = new NetworkStack(app, settings);
  const data = new DataStack(app, settings);
  const service = new ServiceStack(app, settings, { network, data });
  new RollbackStack(app, settings, { data, service });
  // A deploy of all stacks begins with these two, and must not get that far with what later ones will refuse. The
  // rollback stack, which uses some of the variables, guards itself.
  for (const stack of [network, data]) guardWithServiceVariables(stack, settings.environment, areAllNeeded);
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof DeploymentSettingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
