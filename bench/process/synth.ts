import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baseEnvironment } from '../../local/processes/base-environment';
import { epochMs } from '../clock';

const ROOT = join(__dirname, '..', '..');
const TIMEOUT_MS = 300_000;

/** Milliseconds that `main.ts` takes to write the stacks of the dev environment, as `cdktf` runs it. */
export async function synthMs(signal: AbortSignal): Promise<number> {
  const outdir = await mkdtemp(join(tmpdir(), 'sandbox-broker-synth-'));
  try {
    const startedAtMs = epochMs();
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'main.ts'], {
      cwd: ROOT,
      env: { ...baseEnvironment(), SANDBOX_BROKER_ENV: 'dev', CDKTF_OUTDIR: outdir },
      timeout: TIMEOUT_MS,
      signal,
    });
    return epochMs() - startedAtMs;
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}
