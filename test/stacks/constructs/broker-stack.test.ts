import { Eip } from '@cdktf/provider-aws/lib/eip';
import { type App, TerraformOutput, TerraformVariable } from 'cdktf';
import { BrokerStack } from '../../../stacks/constructs/broker-stack';
import { type DeploymentSettings, ENVIRONMENTS } from '../../../stacks/environments';
import { type SynthesizedStack, synthesizeStack, synthesizeStacks } from '../synthesized';

class ProducingStack extends BrokerStack {
  readonly address: Eip;

  constructor(app: App, settings: DeploymentSettings) {
    super(app, 'producing', settings);
    this.address = new Eip(this, 'address', {});
  }
}

class ConsumingStack extends BrokerStack {
  constructor(app: App, settings: DeploymentSettings, producing: ProducingStack) {
    super(app, 'consuming', settings);
    new TerraformOutput(this, 'used', { value: producing.address.id });
  }
}

const DEV: DeploymentSettings = { environment: ENVIRONMENTS.dev, stateBucket: undefined };
const PROD_IN_BUCKET: DeploymentSettings = {
  environment: { ...ENVIRONMENTS.prod, awsRegion: 'eu-west-1' },
  stateBucket: 'state-bucket',
};

function synthesize(settings: DeploymentSettings): SynthesizedStack {
  return synthesizeStack((app) => new ProducingStack(app, settings));
}

describe('every stack', () => {
  it('gives each resource the region and the tags of its environment', () => {
    const { provider } = synthesize(PROD_IN_BUCKET);

    expect(provider.aws).toHaveLength(1);
    expect(provider.aws[0]).toMatchObject({
      region: 'eu-west-1',
      default_tags: [{ tags: { Application: 'sandbox-broker', Environment: 'prod' } }],
    });
  });

  it('refuses credentials of another account before it opens a state, when the account is given', () => {
    const { provider, terraform } = synthesize({ ...PROD_IN_BUCKET, accountId: '123456789012' });

    expect(provider.aws[0]).toMatchObject({ allowed_account_ids: ['123456789012'] });
    expect(terraform.backend.s3).toMatchObject({ allowed_account_ids: ['123456789012'] });
  });

  it('takes credentials of any account when none is given', () => {
    const { provider, terraform } = synthesize(PROD_IN_BUCKET);

    expect(provider.aws[0]).not.toHaveProperty('allowed_account_ids');
    expect(terraform.backend.s3).not.toHaveProperty('allowed_account_ids');
  });

  it('has no secret variable with a rule, since Terraform prints the value that breaks one', () => {
    const withVariable = (rules: number): (() => SynthesizedStack) => {
      const validation = Array.from({ length: rules }, () => ({ condition: true, errorMessage: 'No.' }));
      return () =>
        synthesizeStack((app) => {
          const stack = new ProducingStack(app, DEV);
          new TerraformVariable(stack, 'token', { type: 'string', sensitive: true, validation });
          return stack;
        });
    };

    expect(withVariable(1)).toThrow('The variable token is secret, but has rules');
    expect(withVariable(0)()).toMatchObject({ variable: { token: { sensitive: true } } });
  });

  it('is refused to a Terraform that does not know lock files', () => {
    expect(synthesize(DEV).terraform.required_version).toBe('>= 1.10.0');
  });
});

describe('the state', () => {
  it('is by default a file beside the output folder, under a relative path, one for each environment', () => {
    expect(synthesize(DEV).terraform.backend).toEqual({
      local: { path: '../../../terraform.sandbox-broker-dev-producing.tfstate' },
    });
    expect(synthesize({ ...DEV, environment: ENVIRONMENTS.prod }).terraform.backend).toEqual({
      local: { path: '../../../terraform.sandbox-broker-prod-producing.tfstate' },
    });
  });

  it('is kept in S3, encrypted and with a lock file, when a bucket is named', () => {
    expect(synthesize(PROD_IN_BUCKET).terraform.backend).toEqual({
      s3: {
        bucket: 'state-bucket',
        key: 'sandbox-broker/prod/producing.tfstate',
        region: 'eu-west-1',
        encrypt: true,
        use_lockfile: true,
      },
    });
  });
});

describe('a resource of another stack', () => {
  /** Where the consuming stack reads the producing one's outputs, and where that one keeps them. */
  function remoteStateAndBackend(settings: DeploymentSettings): {
    remoteState: { backend: string; config: Record<string, unknown> };
    backend: Record<string, Record<string, unknown>>;
  } {
    const prefix = `sandbox-broker-${settings.environment.name}`;
    const stacks = synthesizeStacks((app) => {
      new ConsumingStack(app, settings, new ProducingStack(app, settings));
    });
    const remoteStates = Object.values(stacks[`${prefix}-consuming`]?.data?.terraform_remote_state ?? {});
    expect(remoteStates).toHaveLength(1);
    return {
      remoteState: remoteStates[0] as { backend: string; config: Record<string, unknown> },
      backend: stacks[`${prefix}-producing`]?.terraform.backend ?? {},
    };
  }

  it('is read from the file that its own stack writes, by a path relative to the reader too', () => {
    const { remoteState, backend } = remoteStateAndBackend(DEV);

    expect(remoteState).toMatchObject({ backend: 'local', config: backend.local });
  });

  it('is read from the bucket, key and region that its own stack writes', () => {
    const { remoteState, backend } = remoteStateAndBackend(PROD_IN_BUCKET);
    const { bucket, key, region } = backend.s3 ?? {};

    expect(remoteState).toMatchObject({ backend: 's3', config: { bucket, key, region } });
    expect(key).toBe('sandbox-broker/prod/producing.tfstate');
  });

  it('is offered to the reader as an output of its own stack', () => {
    const stacks = synthesizeStacks((app) => {
      new ConsumingStack(app, DEV, new ProducingStack(app, DEV));
    });
    const [outputName, ...others] = Object.keys(stacks['sandbox-broker-dev-producing']?.output ?? {});

    expect(others).toEqual([]);
    expect(stacks['sandbox-broker-dev-consuming']?.output?.used?.value).toMatch(
      `.outputs.${String(outputName)}}`,
    );
  });
});
