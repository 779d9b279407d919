import type { CommandResult } from './support/command-runner';
import type { Settings } from './support/deployer';
import type { AccountCall } from './support/shim-proxy';
import { startDeploymentBed, type DeploymentBed } from './support/deployment-bed';
import { DEV_SETTINGS, prodSettings } from './support/settings';
import { describeDeployment } from './support/tools';

// Starts real processes, on a machine that may be busy with other tests.
jest.setTimeout(120_000);

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
const PROD = prodSettings(CERTIFICATE);

const without = (name: string): Settings =>
  Object.fromEntries(Object.entries(PROD).filter(([setting]) => setting !== name));

/** Each with what the message must say: the setting, and what is wrong with it. */
const REFUSED: Record<string, { settings: Settings; says: RegExp[] }> = {
  'an environment that does not exist': {
    settings: { ...DEV_SETTINGS, SANDBOX_BROKER_ENV: 'staging' },
    says: [/SANDBOX_BROKER_ENV is "staging", but must be dev or prod/],
  },
  'production with a state on one disk': {
    settings: without('TF_STATE_BUCKET'),
    says: [/TF_STATE_BUCKET is not set/, /bootstrap/],
  },
  'production in whichever account the credentials are for': {
    settings: without('SANDBOX_BROKER_ACCOUNT_ID'),
    says: [/SANDBOX_BROKER_ACCOUNT_ID is not set/],
  },
  "production with credentials of another account than production's": {
    settings: { ...PROD, SANDBOX_BROKER_ACCOUNT_ID: '210987654321' },
    says: [/AWS account ID not allowed: 123456789012/],
  },
  'production open to every origin': {
    settings: { ...PROD, TF_VAR_cors_allowed_origins: '*' },
    says: [/cors_allowed_origins/, /"\*"/],
  },
  'production whose origins nobody has chosen': {
    settings: without('TF_VAR_cors_allowed_origins'),
    says: [/TF_VAR_cors_allowed_origins/],
  },
  'production without a certificate': {
    settings: without('TF_VAR_certificate_arn'),
    says: [/TF_VAR_certificate_arn/],
  },
  'production with an empty certificate': {
    settings: { ...PROD, TF_VAR_certificate_arn: '' },
    says: [/certificate_arn/],
  },
  'production whose alarms nobody gets': {
    settings: without('TF_VAR_alarm_email'),
    says: [/TF_VAR_alarm_email is not set/],
  },
  'production in a zone in which Fargate has no ARM64': {
    settings: { ...PROD, SANDBOX_BROKER_ZONE_IDS: 'use1-az1,use1-az3' },
    says: [/must not be ARM64 in the zone use1-az3/, /SANDBOX_BROKER_ZONE_IDS/],
  },
  'production with an image that can change under its tag': {
    settings: { ...PROD, TF_VAR_container_image: 'registry.example.com/sandbox-broker:latest' },
    says: [/container_image/, /latest/],
  },
  'no image and no portal, without a terminal': {
    settings: { SANDBOX_BROKER_ENV: 'dev' },
    says: [/TF_VAR_container_image is not set/, /TF_VAR_csp_base_url is not set/],
  },
  'a pair of CPU and memory that Fargate does not offer': {
    settings: { ...DEV_SETTINGS, TF_VAR_worker_cpu: '256', TF_VAR_worker_memory: '4096' },
    says: [/worker_memory/, /512, 1024 or 2048/],
  },
  'a number of CPU units that Fargate does not offer': {
    settings: { ...DEV_SETTINGS, TF_VAR_api_cpu: '300' },
    says: [/api_cpu/, /256, 512, 1024, 2048, 4096, 8192 or 16384/],
  },
};

describeDeployment("cdktf deploy '*' with settings that cannot be right", () => {
  let bed: DeploymentBed | undefined;
  const started = new Map<string, Promise<CommandResult>>();

  beforeAll(async () => {
    const newBed = await startDeploymentBed();
    bed = newBed;
    // All at once: most of the time they wait for each other's synth anyway.
    Object.entries(REFUSED).forEach(([name, { settings }], index) => {
      started.set(name, newBed.deployer(`refused-${index}`, settings).deploy());
    });
  });

  afterAll(() => bed?.stop());

  it.each(Object.keys(REFUSED))('refuses %s, and says so', async (name) => {
    const result = await started.get(name);

    expect(result?.exitCode).not.toBe(0);
    // Terminals wrap long lines.
    const output = result?.output.replace(/\s+/g, ' ');
    for (const words of REFUSED[name]?.says ?? []) expect(output).toMatch(words);
    // A person's mistake is no crash.
    expect(output).not.toMatch(/ at .*\.ts:\d+/);
  });

  it('has not touched the account with any of them', async () => {
    await Promise.all(started.values());

    // Whose the credentials are has to be asked.
    const isQuestion = ({ action }: AccountCall): boolean => action === 'GetCallerIdentity';
    expect(bed?.account.shim.calls().filter((call) => !isQuestion(call))).toEqual([]);
    expect(bed?.account.shim.calls().some(isQuestion)).toBe(true);
  });
});
