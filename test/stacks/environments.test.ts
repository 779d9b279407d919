import { DeploymentSettingError, deploymentSettings, ENVIRONMENTS } from '../../stacks/environments';

const PRODUCTION = {
  SANDBOX_BROKER_ENV: 'prod',
  TF_STATE_BUCKET: 'state-bucket',
  SANDBOX_BROKER_ACCOUNT_ID: '123456789012',
};

describe('the settings of a deployment', () => {
  it('are dev with a local state when nothing is set', () => {
    expect(deploymentSettings({})).toEqual({
      environment: ENVIRONMENTS.dev,
      stateBucket: undefined,
      accountId: undefined,
      stackSet: 'broker',
    });
  });

  it.each(['dev', 'prod'] as const)('choose %s by SANDBOX_BROKER_ENV', (name) => {
    expect(deploymentSettings({ ...PRODUCTION, SANDBOX_BROKER_ENV: name }).environment).toBe(
      ENVIRONMENTS[name],
    );
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

  it('take the account from SANDBOX_BROKER_ACCOUNT_ID', () => {
    expect(deploymentSettings({ SANDBOX_BROKER_ACCOUNT_ID: '123456789012' }).accountId).toBe('123456789012');
  });

  it.each(['', '12345', '1234-5678-9012', '123456789012 '])('refuse the account "%s"', (id) => {
    expect(() => deploymentSettings({ SANDBOX_BROKER_ACCOUNT_ID: id })).toThrow(
      /SANDBOX_BROKER_ACCOUNT_ID is ".*", but must be the 12 digits/,
    );
  });

  it('refuse production without a bucket and without its account, both at once', () => {
    const refusal = (): unknown => deploymentSettings({ SANDBOX_BROKER_ENV: 'prod' });

    expect(refusal).toThrow(/^TF_STATE_BUCKET is not set: production keeps no state in a local file/);
    expect(refusal).toThrow(/\nSANDBOX_BROKER_ACCOUNT_ID is not set/);
  });

  it('let production be bootstrapped without a bucket, which is made there, but not without its account', () => {
    const { SANDBOX_BROKER_ENV, SANDBOX_BROKER_ACCOUNT_ID } = PRODUCTION;
    const bootstrap = { SANDBOX_BROKER_ENV, SANDBOX_BROKER_STACKS: 'bootstrap' };

    expect(deploymentSettings({ ...bootstrap, SANDBOX_BROKER_ACCOUNT_ID }).stackSet).toBe('bootstrap');
    expect(() => deploymentSettings(bootstrap)).toThrow(/^SANDBOX_BROKER_ACCOUNT_ID is not set/);
  });

  it.each(['', '*', 'network'])('refuse the stacks "%s" and name the choices', (name) => {
    expect(() => deploymentSettings({ SANDBOX_BROKER_STACKS: name })).toThrow(
      `SANDBOX_BROKER_STACKS is "${name}", but must be broker or bootstrap.`,
    );
  });
});

describe('the environments', () => {
  it('are listed under their own names', () => {
    for (const [key, environment] of Object.entries(ENVIRONMENTS)) {
      expect(environment.name).toBe(key);
    }
  });
});
