import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainError } from '../../cli/explain-error';
import { requireCredentials } from '../../cli/require-credentials';
import { resolveTarget } from '../../cli/target';

/*
 * With the SDK's own providers and configuration files, so that what they really throw is what is explained.
 */

const TARGET = resolveTarget({ env: 'dev' }, {}, '/no/such/file');

const PROFILES = `
[profile works]
credential_process = echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b"}'
[profile fails]
credential_process = sh -c 'echo "vault is sealed" >&2; exit 1'
[profile prose]
credential_process = echo hello
[profile gone]
credential_process = /no/such/program
[profile silent]
credential_process = sleep 1
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
[profile expired-sso]
sso_session = expired
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
[sso-session expired]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
[profile role]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = nobody
[profile empty]
region = us-east-1
[profile web-identity]
role_arn = arn:aws:iam::123456789012:role/x
web_identity_token_file = /no/such/token
`;

const environment = process.env;
let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'credentials-'));
  writeFileSync(join(home, 'config'), PROFILES);
  const cache = join(home, '.aws', 'sso', 'cache');
  mkdirSync(cache, { recursive: true });
  const token = { accessToken: 'a', expiresAt: '2020-01-01T00:00:00Z' };
  const file = `${createHash('sha1').update('expired').digest('hex')}.json`;
  writeFileSync(join(cache, file), JSON.stringify(token));
});

afterAll(() => {
  process.env = environment;
  rmSync(home, { recursive: true });
});

async function explained(profile: string | undefined, timeoutMs?: number): Promise<string> {
  process.env = {
    PATH: environment.PATH,
    HOME: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(profile === undefined ? {} : { AWS_PROFILE: profile }),
  };
  return requireCredentials('us-east-1', timeoutMs).then(
    () => 'no error',
    (error: unknown) => explainError(error, TARGET),
  );
}

it('is content with credentials', async () => {
  expect(await explained('works')).toBe('no error');
});

it.each<[string, string | undefined, RegExp]>([
  ['no credentials at all', undefined, /^No AWS credentials were found: sign in/],
  ['a profile that does not exist', 'nosuch', /^There is no AWS profile nosuch in .*AWS_PROFILE/],
  [
    'a profile that names one that does not exist',
    'role',
    /^There is no AWS profile nobody, which the profile role/,
  ],
  ['a profile without credentials', 'empty', /^The AWS profile empty names no way to credentials/],
  [
    'a credential process that fails',
    'fails',
    /^The credential_process of the AWS profile fails .*vault is sealed/,
  ],
  [
    'a credential process that is not there',
    'gone',
    /^The credential_process of the AWS profile gone .*not found/,
  ],
  [
    'a credential process that prints no JSON',
    'prose',
    /^The credential_process of the AWS profile prose .*JSON/,
  ],
  [
    'an SSO session that does not exist',
    'sso',
    /^The SSO session of the AWS profile sso .*aws sso login --profile sso/,
  ],
  [
    'an SSO session that has expired',
    'expired-sso',
    /^The SSO session of the AWS profile expired-sso .*aws sso login/,
  ],
  [
    'a token file that does not exist',
    'web-identity',
    /^AWS credentials cannot be loaded: .*\/no\/such\/token/,
  ],
])('names %s, and says what to do', async (_what, profile, expected) => {
  expect(await explained(profile)).toMatch(expected);
});

it('does not wait for ever for a credential process', async () => {
  expect(await explained('silent', 100)).toMatch(/^AWS credentials cannot be loaded: .*within 0.1 s/);
});
