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

describe('the zones', () => {
  const zonesWith = (SANDBOX_BROKER_ZONE_IDS?: string): readonly string[] =>
    deploymentSettings({ SANDBOX_BROKER_ZONE_IDS }).environment.availabilityZoneIds;

  it('are those of the environment, or two others by their ids', () => {
    expect(zonesWith()).toEqual(ENVIRONMENTS.dev.availabilityZoneIds);
    expect(zonesWith('use1-az4, use1-az6')).toEqual(['use1-az4', 'use1-az6']);
  });

  it.each(['', 'use1-az4', 'us-east-1a,us-east-1b', 'use1-az4,use1-az4', 'use1-az1,use1-az2,use1-az4'])(
    'are refused when they are "%s", and not two ids',
    (zones) => {
      expect(() => zonesWith(zones)).toThrow(
        new DeploymentSettingError(
          `SANDBOX_BROKER_ZONE_IDS is "${zones}", but must be the ids of two zones of us-east-1, ` +
            'such as use1-az4,use1-az6: see aws ec2 describe-availability-zones.',
        ),
      );
    },
  );

  it.each(Object.values(ENVIRONMENTS))(
    'of $name are named by id, as names differ in each account',
    (environment) => {
      for (const zoneId of environment.availabilityZoneIds) expect(zoneId).toMatch(/^use1-az\d$/);
    },
  );
});

describe('the environments', () => {
  it('are listed under their own names', () => {
    for (const [key, environment] of Object.entries(ENVIRONMENTS)) {
      expect(environment.name).toBe(key);
    }
  });
});
