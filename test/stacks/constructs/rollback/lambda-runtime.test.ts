import { lambdaRuntime, providerVersion } from '../../../../stacks/constructs/rollback/lambda-runtime';
import { synthesizeRollbackStack } from '../../service-stack-fixture';

it.each([
  ['5.100.0', 'nodejs22.x'],
  ['6.25.0', 'nodejs24.x'],
  ['10.0.0', 'nodejs24.x'],
] as const)('is, for provider %s, %s', (version, runtime) => {
  expect(lambdaRuntime(version)).toBe(runtime);
});

it('is chosen for the provider that Terraform is asked for', () => {
  const { required_providers: providers } = synthesizeRollbackStack().terraform as unknown as {
    required_providers: { aws: { version: string } };
  };

  expect(providerVersion()).toBe(providers.aws.version);
});
