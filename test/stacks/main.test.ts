import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MAIN = join(__dirname, '../../main.ts');
const CDKTF = join(__dirname, '../../scripts/cdktf.mjs');
const TYPESCRIPT_LOADER = pathToFileURL(require.resolve('tsx')).href;

const PRODUCTION_ACCOUNT = {
  SANDBOX_BROKER_ENV: 'prod',
  TF_STATE_BUCKET: 'state-bucket',
  SANDBOX_BROKER_ACCOUNT_ID: '123456789012',
};

/** What production does not go without. */
const PRODUCTION = {
  ...PRODUCTION_ACCOUNT,
  TF_VAR_cors_allowed_origins: 'https://play.example.com',
  TF_VAR_alarm_email: 'on-call@example.com',
  TF_VAR_certificate_arn:
    'arn:aws:acm:us-east-1:123456789012:certificate/5b6f3a1c-0000-4000-8000-000000000000',
};

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'synth-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Runs main.ts as cdktf does, in the given folder, with nothing of this shell's settings. */
function synthesizeIn(folder: string, settings: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ['--import', TYPESCRIPT_LOADER, MAIN], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings },
    encoding: 'utf8',
  });
}

/** Every file below the folder with its bytes, by its path. */
function filesOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'base64')]));
}

describe('main.ts', () => {
  it('writes the same bytes in two different folders and time zones', () => {
    const [first, second] = [newFolder(), newFolder()];

    // Time goes into a zip as the clock on the wall shows it.
    expect(synthesizeIn(first, { TZ: 'Pacific/Kiritimati' })).toMatchObject({ status: 0, stderr: '' });
    expect(synthesizeIn(second, { TZ: 'Pacific/Pago_Pago' })).toMatchObject({ status: 0, stderr: '' });

    for (const stack of ['network', 'data', 'service', 'rollback']) {
      const path = `/cdktf.out/stacks/sandbox-broker-dev-${stack}/cdk.tf.json`;
      expect(Object.keys(filesOf(first))).toContain(path);
    }
    expect(Object.keys(filesOf(first))).toContain(
      '/cdktf.out/stacks/sandbox-broker-dev-rollback/assets/rollback.zip',
    );
    expect(filesOf(first)).toEqual(filesOf(second));
  });

  it('synthesizes the environment that SANDBOX_BROKER_ENV names', () => {
    const folder = newFolder();

    expect(synthesizeIn(folder, PRODUCTION)).toMatchObject({ status: 0, stderr: '' });

    expect(readdirSync(join(folder, 'cdktf.out/stacks')).sort()).toEqual([
      'sandbox-broker-prod-data',
      'sandbox-broker-prod-network',
      'sandbox-broker-prod-rollback',
      'sandbox-broker-prod-service',
    ]);
  });

  it('synthesizes the bootstrap stack alone, when it is asked for, and never beside the others', () => {
    const folder = newFolder();
    const bootstrap = {
      SANDBOX_BROKER_STACKS: 'bootstrap',
      TF_VAR_github_repository: 'example/sandbox-broker',
      TF_VAR_alarm_email: 'on-call@example.com',
    };

    expect(synthesizeIn(folder, bootstrap)).toMatchObject({ status: 0, stderr: '' });

    expect(readdirSync(join(folder, 'cdktf.out/stacks'))).toEqual(['sandbox-broker-dev-bootstrap']);
  });

  it('refuses to bootstrap without a repository and without somebody who hears of the budget', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, { SANDBOX_BROKER_STACKS: 'bootstrap' });

    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'The variables of dev are not valid; nothing was changed:',
      expect.stringMatching(/^ {2}TF_VAR_github_repository is not set, but must be owner\/name/),
      expect.stringMatching(/^ {2}TF_VAR_alarm_email is not set, but must be an e-mail address/),
    ]);
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });

  it('refuses an unknown environment with one clear line, and writes nothing', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, { SANDBOX_BROKER_ENV: 'staging' });

    expect(status).toBe(1);
    expect(stderr).toBe('SANDBOX_BROKER_ENV is "staging", but must be dev or prod.\n');
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });

  it('refuses production with a local state and any account, and writes nothing', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, { SANDBOX_BROKER_ENV: 'prod' });

    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^TF_STATE_BUCKET is not set/),
      expect.stringMatching(/^SANDBOX_BROKER_ACCOUNT_ID is not set/),
    ]);
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });

  it('locks the provider of each stack with the file of the repository', () => {
    const folder = newFolder();
    const lock = readFileSync(join(__dirname, '../../.terraform.lock.hcl'), 'utf8');

    expect(synthesizeIn(folder).status).toBe(0);

    for (const stack of ['network', 'data', 'service', 'rollback']) {
      const path = join(folder, `cdktf.out/stacks/sandbox-broker-dev-${stack}/.terraform.lock.hcl`);
      expect(readFileSync(path, 'utf8')).toBe(lock);
    }
  });

  it('refuses every bad variable of production in one run, and writes nothing', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, {
      ...PRODUCTION_ACCOUNT,
      TF_VAR_cors_allowed_origins: '*',
      TF_VAR_container_image: 'sandbox-broker:latest',
      TF_VAR_worker_cpu: '256',
      TF_VAR_worker_memory: '4096',
    });

    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'The variables of prod are not valid; nothing was changed:',
      expect.stringMatching(
        /^ {2}TF_VAR_container_image is "sandbox-broker:latest", but must not be tagged latest/,
      ),
      expect.stringMatching(/^ {2}TF_VAR_cors_allowed_origins is "\*", but must not hold \*/),
      expect.stringMatching(
        /^ {2}TF_VAR_certificate_arn is not set, but must be the ARN of an ACM certificate/,
      ),
      expect.stringMatching(/^ {2}TF_VAR_alarm_email is not set, but must be the e-mail address/),
      '  TF_VAR_worker_memory is "4096", but must be 512, 1024 or 2048 (MiB) when worker_cpu is 256.',
    ]);
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });

  it('refuses production in a zone in which Fargate has no ARM64, and writes nothing', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, {
      ...PRODUCTION,
      SANDBOX_BROKER_ZONE_IDS: 'use1-az1,use1-az3',
    });

    expect(status).toBe(1);
    expect(stderr).toContain('must not be ARM64 in the zone use1-az3, where Fargate has none');
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });

  it('refuses a pair of CPU and memory that Fargate does not offer in dev too', () => {
    const folder = newFolder();

    const { status, stderr } = synthesizeIn(folder, { TF_VAR_worker_cpu: '512' });

    expect(status).toBe(1);
    expect(stderr).toContain('must be 1024, 2048, 3072 or 4096 (MiB) when worker_cpu is 512');
    expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
  });

  it('refuses a bad variable behind cdktf too, which keeps variables from the program that it runs', () => {
    const folder = newFolder();
    const { status, stderr } = spawnSync(
      process.execPath,
      [CDKTF, 'synth', '--output', join(folder, 'cdktf.out')],
      {
        cwd: join(__dirname, '../..'),
        env: { PATH: process.env.PATH, HOME: folder, CI: 'true', TF_VAR_worker_cpu: '512' },
        encoding: 'utf8',
      },
    );

    expect(status).toBe(1);
    expect(stderr).toContain('must be 1024, 2048, 3072 or 4096 (MiB) when worker_cpu is 512');
    expect(existsSync(join(folder, 'cdktf.out/stacks'))).toBe(false);
  });

  describe('without what has no default', () => {
    const command = (...args: string[]): Record<string, string> => ({
      SANDBOX_BROKER_CDKTF_ARGUMENTS: JSON.stringify(args),
    });

    it.each([
      ['a deploy of everything', ['deploy', '*', '--auto-approve']],
      ['a deploy that names the service stack', ['apply', '--auto-approve', 'sandbox-broker-dev-service']],
      ['the end of everything', ['destroy', 'sandbox-broker-*']],
      ['a plan of the service stack', ['diff', 'sandbox-broker-dev-service']],
    ])('refuses %s, names each variable, and writes nothing', (_words, args) => {
      const folder = newFolder();

      const { status, stderr } = synthesizeIn(folder, command(...args));

      expect(status).toBe(1);
      expect(stderr).toMatch(/^ {2}TF_VAR_container_image is not set, but must be an image such as /m);
      expect(stderr).toMatch(/^ {2}TF_VAR_csp_base_url is not set, but must be the URL of the portal/m);
      expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
    });

    it.each([
      ['the stacks that come before the first image', ['deploy', 'sandbox-broker-dev-network', '*-data']],
      ['a synth of everything', ['synth']],
    ])('synthesizes %s', (_words, args) => {
      expect(synthesizeIn(newFolder(), command(...args))).toMatchObject({ status: 0, stderr: '' });
    });

    it('hears from scripts/cdktf.mjs what cdktf was told to do, and that Terraform shall ask for nothing', () => {
      const folder = newFolder();
      const app = join(folder, 'app.cjs');
      const seen = join(folder, 'seen.json');
      writeFileSync(
        app,
        `require('node:fs').writeFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env))`,
      );

      spawnSync(
        process.execPath,
        [CDKTF, 'synth', '--app', `${process.execPath} ${app}`, '--output', join(folder, 'cdktf.out')],
        { cwd: join(__dirname, '../..'), env: { PATH: process.env.PATH, HOME: folder, CI: 'true' } },
      );

      const environment = JSON.parse(readFileSync(seen, 'utf8')) as Record<string, string>;
      expect(environment.TF_INPUT).toBe('0');
      expect(JSON.parse(String(environment.SANDBOX_BROKER_CDKTF_ARGUMENTS))).toEqual(
        expect.arrayContaining(['synth', '--app']),
      );
    });

    it('leaves values that synth does not see to Terraform, which wants them in the first stack already', () => {
      const folder = newFolder();

      const { status } = synthesizeIn(folder, command('deploy', '*', '--var', 'container_image=broker:1'));

      expect(status).toBe(0);
      for (const stack of ['network', 'data']) {
        const path = join(folder, `cdktf.out/stacks/sandbox-broker-dev-${stack}/cdk.tf.json`);
        const { variable } = JSON.parse(readFileSync(path, 'utf8')) as { variable: Record<string, object> };
        expect(variable.container_image).not.toHaveProperty('default');
        expect(variable.csp_base_url).not.toHaveProperty('default');
      }
    });
  });

  it('has Terraform refuse bad variables in whichever stack it comes to first', () => {
    const folder = newFolder();

    expect(synthesizeIn(folder).status).toBe(0);

    for (const stack of ['network', 'data', 'service', 'rollback']) {
      const path = join(folder, `cdktf.out/stacks/sandbox-broker-dev-${stack}/cdk.tf.json`);
      const { variable } = JSON.parse(readFileSync(path, 'utf8')) as {
        variable: Record<string, { validation: object[] }>;
      };
      expect(variable.worker_memory?.validation.length).toBeGreaterThan(0);
    }
  });
});
