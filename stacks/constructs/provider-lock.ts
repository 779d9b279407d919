import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
// Not exported from the package's top, though TerraformAsset is made of it; an asset would have a folder of its own.
import { addCustomSynthesis } from 'cdktf/lib/synthesize/synthesizer';

/** Terraform's own name for it, in the repository as well as beside each stack. */
const LOCK_FILE = '.terraform.lock.hcl';

const REPOSITORY = join(__dirname, '../..');

/**
 * Puts the repository's lock file beside the stack's configuration when it is synthesized. `terraform init` then takes
 * the provider only if it is, byte for byte, the release whose hashes the file lists, on each platform; and cdktf, which
 * would lock it for linux_amd64 alone, asks the registry for nothing.
 */
export function lockProvider(stack: TerraformStack): void {
  addCustomSynthesis(stack, {
    onSynthesize: ({ manifest }) => {
      const folder = join(manifest.outdir, manifest.forStack(stack).workingDirectory);
      mkdirSync(folder, { recursive: true });
      copyFileSync(join(REPOSITORY, LOCK_FILE), join(folder, LOCK_FILE));
    },
  });
}
