import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TerraformStack, type ISynthesisSession } from 'cdktf';
// Not exported from the package's top, though TerraformAsset is made of it; an asset would need the zip as a file.
import { addCustomSynthesis } from 'cdktf/lib/synthesize/synthesizer';
import { Construct } from 'constructs';
import { zipSync } from 'fflate';

const REPOSITORY = join(__dirname, '../../..');

/** What scripts/build.mjs makes of `rollback`. Not its source map: Node.js reads none unless told to. */
const BUNDLE_FILES = ['rollback.js', 'rollback.js.LEGAL.txt'];

/**
 * The same in every zip, so that equal code gives equal bytes. A zip keeps local time without a zone, and no year before
 * 1980: noon, so that it is 1980 wherever this runs.
 */
const FILE_TIME = new Date(1980, 0, 1, 12);
/** Of Unix, and readable by the user that Lambda runs as: https://repost.aws/knowledge-center/lambda-deployment-package-errors */
const FILE_ATTRIBUTES = { os: 3, attrs: 0o644 << 16, mtime: FILE_TIME } as const;

/**
 * The code of the rollback function: a zip beside the stack's configuration, made when the stacks are synthesized. The
 * same sources and dependencies give the same bytes on every machine and in every folder, so that a deploy changes the
 * function only when its code has changed.
 */
export class RollbackCode extends Construct {
  /** From the folder in which Terraform runs. Fixed: only what is in the file says whether it changed. */
  readonly path = 'assets/rollback.zip';
  /** SHA-256 of the zip in base64, as Lambda tells it (`CodeSha256`). */
  readonly sha256: string;

  readonly #zip: Uint8Array;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#zip = zipSync(bundle(), FILE_ATTRIBUTES);
    this.sha256 = createHash('sha256').update(this.#zip).digest('base64');
    addCustomSynthesis(this, {
      onSynthesize: (session) => {
        this.#write(session);
      },
    });
  }

  #write({ manifest }: ISynthesisSession): void {
    const { workingDirectory } = manifest.forStack(TerraformStack.of(this));
    const path = join(manifest.outdir, workingDirectory, this.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, this.#zip);
  }
}

/**
 * Bundles the function as every other process of ours is bundled, with the AWS SDK in it: that of Lambda's runtime
 * changes under a function that nobody deploys. Not minified: it starts no faster, and its stack traces can be read
 * without a map.
 */
function bundle(): Record<string, Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'rollback-'));
  try {
    const script = join(REPOSITORY, 'scripts/build.mjs');
    execFileSync(process.execPath, [script, 'rollback', '--outdir', folder], { stdio: 'pipe' });
    return Object.fromEntries(BUNDLE_FILES.map((file) => [file, readFileSync(join(folder, file))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
