import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const EXAMPLES = join(__dirname, '..', '..', '..', 'examples');
/** Only a script that hangs takes that long. */
const SCRIPT_TIMEOUT_MS = 60_000;

/** An example script, and what it takes to run it. */
export interface ExampleScript {
  command: string;
  path: string;
}

export interface ExampleLanguage {
  name: string;
  setUp: ExampleScript;
  cleanUp: ExampleScript;
}

const script = (command: string, path: string): ExampleScript => ({ command, path: join(EXAMPLES, path) });

export const LANGUAGES: ExampleLanguage[] = [
  { name: 'bash', setUp: script('bash', 'bash/set-up.sh'), cleanUp: script('bash', 'bash/clean-up.sh') },
  {
    name: 'Python',
    setUp: script('python3', 'python/set_up.py'),
    cleanUp: script('python3', 'python/clean_up.py'),
  },
];

export const POOL_REPORT = script('python3', 'python/pool_report.py');

export interface ScriptResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs an example script with these settings and nothing else of this process's environment. Short delays between
 * tries, unless the settings say otherwise.
 */
export async function runExample(
  { command, path }: ExampleScript,
  settings: Record<string, string | undefined>,
): Promise<ScriptResult> {
  const env = { PATH: process.env.PATH, BROKER_RETRY_BASE_MS: '10', BROKER_RETRY_MAX_MS: '100', ...settings };
  const child = spawn(command, [path], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SCRIPT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** What a POSIX shell makes of a file of environment lines. */
export function sourced(path: string): Record<string, string | undefined> {
  const names = ['ID', 'NAME', 'EXTERNAL_ID', 'ACCOUNT_ID', 'SFDC_ACCOUNT_ID', 'ALLOCATED_AT', 'EXPIRES_AT'];
  const shown = names.map((name) => `"$SANDBOX_${name}"`).join(' ');
  const { status, stdout, stderr } = spawnSync('sh', ['-uc', `. "$0"; printf '%s\\0' ${shown}`, path], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  if (status !== 0) throw new Error(`The lines cannot be read by a shell: ${stderr}`);
  const values = stdout.split('\0');
  return Object.fromEntries(names.map((name, index) => [`SANDBOX_${name}`, values[index]]));
}
