import { ScriptFolder } from './run-script';

const SETTINGS = JSON.stringify({
  csp_base_url: 'https://portal.example.com',
  api_cpu: 512,
  wait_for_steady_state: true,
});
const FINE = { ENVIRONMENT: 'prod', STATE_BUCKET: 'our-state', ACCOUNT_ID: '123456789012', SETTINGS };

let folder: ScriptFolder;

beforeEach(() => {
  folder = new ScriptFolder();
});

afterEach(() => {
  folder.remove();
});

function run(env: Record<string, string>): ReturnType<ScriptFolder['run']> {
  return folder.run('deployment-environment.mjs', [], env);
}

it('makes of the settings what Terraform and cdktf read', () => {
  const { status, stdout } = run(FINE);

  expect(stdout.trimEnd().split('\n')).toEqual([
    'SANDBOX_BROKER_ENV=prod',
    'TF_STATE_BUCKET=our-state',
    'SANDBOX_BROKER_ACCOUNT_ID=123456789012',
    'TF_VAR_csp_base_url=https://portal.example.com',
    'TF_VAR_api_cpu=512',
    'TF_VAR_wait_for_steady_state=true',
  ]);
  expect(status).toBe(0);
});

it('leaves dev free to name no account', () => {
  const { status, stdout } = run({ ...FINE, ENVIRONMENT: 'dev', ACCOUNT_ID: '' });

  expect(stdout).not.toContain('ACCOUNT_ID');
  expect(status).toBe(0);
});

it.each([
  ['no account in production', { ...FINE, ACCOUNT_ID: '' }, 'PROD_ACCOUNT_ID is empty'],
  ['no environment', { ...FINE, ENVIRONMENT: '' }, 'no environment was chosen'],
  ['no bucket for the state', { ...FINE, STATE_BUCKET: '' }, 'PROD_TF_STATE_BUCKET is empty'],
  ['no settings', { ...FINE, SETTINGS: '' }, 'PROD_SETTINGS is not a JSON object'],
  ['settings that are a list', { ...FINE, SETTINGS: '["a"]' }, 'PROD_SETTINGS is not a JSON object'],
  ['settings that are null', { ...FINE, SETTINGS: 'null' }, 'PROD_SETTINGS is not a JSON object'],
  [
    'a value of two lines',
    { ...FINE, SETTINGS: '{"alarm_email":"a\\nPATH=/evil"}' },
    'TF_VAR_alarm_email must be one line',
  ],
  ['a bucket of two lines', { ...FINE, STATE_BUCKET: 'a\nPATH=/evil' }, 'TF_STATE_BUCKET must be one line'],
  ['a name that is none', { ...FINE, SETTINGS: '{"PATH=x":"y"}' }, 'is no name of a Terraform variable'],
  [
    'a value that is a list',
    { ...FINE, SETTINGS: '{"cors_allowed_origins":["a"]}' },
    'must be a text, a number',
  ],
  ['an image', { ...FINE, SETTINGS: '{"container_image":"a:1"}' }, 'The image is chosen at each deploy'],
])('refuses %s, and prints no variable', (_what, env, message) => {
  const { status, stdout, stderr } = run(env);

  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(1);
});
