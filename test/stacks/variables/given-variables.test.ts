import { givenVariables } from '../../../stacks/variables/given-variables';

describe('the variables that the person who deploys has given', () => {
  it('are those of the environment when main.ts is run by itself', () => {
    expect(givenVariables({ TF_VAR_worker_cpu: '512' })).toMatchObject({ TF_VAR_worker_cpu: '512' });
  });

  it('are those that scripts/cdktf.mjs passes when cdktf runs main.ts', () => {
    const environment = {
      CDKTF_OUTDIR: 'cdktf.out',
      SANDBOX_BROKER_TERRAFORM_VARIABLES: '{"TF_VAR_worker_cpu":"512"}',
    };
    expect(givenVariables(environment)).toEqual({ TF_VAR_worker_cpu: '512' });
  });

  it('are unknown when cdktf is run without that script', () => {
    expect(givenVariables({ CDKTF_OUTDIR: 'cdktf.out' })).toBeUndefined();
  });
});
