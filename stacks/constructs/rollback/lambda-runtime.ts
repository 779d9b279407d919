import { readFileSync } from 'node:fs';

/**
 * The newest Node.js of Lambda that a version of the AWS provider knows: provider 5 refuses `nodejs24.x`, and functions on
 * `nodejs22.x` can no longer be created from June 2027 ("Lambda runtimes" in the Lambda developer guide).
 */
export function lambdaRuntime(version: string): 'nodejs22.x' | 'nodejs24.x' {
  return Number.parseInt(version, 10) >= 6 ? 'nodejs24.x' : 'nodejs22.x';
}

/** The version of the AWS provider that the binding in package.json was generated from, such as `5.100.0`. */
export function providerVersion(): string {
  const path = require.resolve('@cdktf/provider-aws/package.json');
  const { cdktf } = JSON.parse(readFileSync(path, 'utf8')) as { cdktf: { provider: { version: string } } };
  return cdktf.provider.version;
}
