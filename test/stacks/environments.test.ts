import { DeploymentSettingError, deploymentSettings, ENVIRONMENTS } from '../../stacks/environments';

describe('the settings of a deployment', () => {
  it('are dev with a local state when nothing is set', () => {
    expect(deploymentSettings({})).toEqual({ environment: ENVIRONMENTS.dev, stateBucket: undefined });
  });

  it.each(['dev', 'prod'] as const)('choose %s by SANDBOX_BROKER_ENV', (name) => {
    expect(deploymentSettings({ SANDBOX_BROKER_ENV: name }).environment).toBe(ENVIRONMENTS[name]);
  });

  // "constructor" is a name that every object knows.
  it.each(['staging', 'Prod', 'prod ', 'constructor', ''])(
    'refuse the environment "%s" and name the choices',
    (name) => {
      const message = `SANDBOX_BROKER_ENV is "${name}", but must be dev or prod.`;
      expect(() => deploymentSettings({ SANDBOX_BROKER_ENV: name })).toThrow(
        new DeploymentSettingError(message),
      );
    },
  );

  it('take the bucket of the state from TF_STATE_BUCKET', () => {
    expect(deploymentSettings({ TF_STATE_BUCKET: 'state-bucket' }).stateBucket).toBe('state-bucket');
  });

  it.each(['', ' '])('refuse an empty bucket name "%s" rather than keep the state in a file', (name) => {
    expect(() => deploymentSettings({ TF_STATE_BUCKET: name })).toThrow(/TF_STATE_BUCKET is empty/);
  });
});

describe('the environments', () => {
  it('are listed under their own names', () => {
    for (const [key, environment] of Object.entries(ENVIRONMENTS)) {
      expect(environment.name).toBe(key);
    }
  });
});
