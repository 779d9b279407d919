/* eslint-disable jest/no-export, jest/valid-title, jest/valid-describe-callback -- declares what its callers say */
/** What the deployment tests need from the machine. */
export interface DeploymentTools {
  /** A `moto_server` of the version that the tests were written for. */
  emulatorCommand: string;
  /** A folder that holds `registry.terraform.io`; without one Terraform asks the public registry. */
  providerMirror?: string;
}

interface FoundTools extends Partial<DeploymentTools> {
  /** One line or more for each thing that is missing: what it is, and how to get it. */
  missing: string[];
}

/** The tools, for use inside a test. @throws Error when they are missing: such a test should have been skipped. */
export function deploymentTools(): DeploymentTools {
  const { emulatorCommand, providerMirror, missing } = foundTools();
  if (emulatorCommand === undefined || missing.length > 0) throw new Error(missing.join('\n'));
  return { emulatorCommand, providerMirror };
}

/**
 * Like `describe`, for tests that need Terraform and the AWS emulator. Without them the tests are skipped, and
 * find-tools.mjs has said so; with REQUIRE_E2E=1 there is a test that fails instead.
 */
export function describeDeployment(name: string, body: () => void): void {
  const { missing } = foundTools();
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env.REQUIRE_E2E === '1') {
    describe(name, () => {
      it('finds the tools that it needs, as REQUIRE_E2E=1 asks for', () => {
        expect(missing).toEqual([]);
      });
    });
  } else {
    const skipped = describe.skip;
    skipped(name, body);
  }
}

function foundTools(): FoundTools {
  const found = process.env.DEPLOYMENT_TEST_TOOLS;
  if (found === undefined)
    throw new Error('find-tools.mjs has not run: it is the global set-up of these tests.');
  return JSON.parse(found) as FoundTools;
}
