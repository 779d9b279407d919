import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeploymentTools } from './tools';

/** What of the developer's shell would change what is deployed, or where to. */
const NOT_FOR_CHILDREN = /^(AWS|TF|CDKTF|SANDBOX_BROKER|JEST|NODE_OPTIONS)(_|$)/;

/**
 * The environment of a `cdktf` or `terraform` that sees the emulated account and no other, and writes only into the
 * folder.
 */
export function terraformEnvironment(
  folder: string,
  accountUrl: string,
  { providerMirror }: DeploymentTools,
): Record<string, string> {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return {
    ...inherited(),
    AWS_ENDPOINT_URL: accountUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    // No profile of the developer's may add to the above.
    AWS_CONFIG_FILE: join(folder, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws-credentials'),
    CI: 'true',
    CHECKPOINT_DISABLE: '1',
    TMPDIR: temporary,
    ...providerSettings(folder, providerMirror),
  };
}

function inherited(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !NOT_FOR_CHILDREN.test(entry[0]),
  );
  return Object.fromEntries(kept);
}

/** Without a mirror Terraform gets its provider as the developer has set it up, by default from the registry. */
function providerSettings(folder: string, mirror: string | undefined): Record<string, string> {
  if (mirror === undefined) {
    const configFile = process.env.TF_CLI_CONFIG_FILE;
    const cache = process.env.TF_PLUGIN_CACHE_DIR;
    return {
      ...(configFile === undefined ? {} : { TF_CLI_CONFIG_FILE: configFile }),
      ...(cache === undefined ? {} : { TF_PLUGIN_CACHE_DIR: cache }),
    };
  }
  const configFile = join(folder, 'terraform.rc');
  const path = JSON.stringify(mirror);
  writeFileSync(configFile, `provider_installation {\n  filesystem_mirror {\n    path = ${path}\n  }\n}\n`);
  // The mirror is linked to; cdktf's cache would copy hundreds of megabytes first.
  return { TF_CLI_CONFIG_FILE: configFile, CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1' };
}
