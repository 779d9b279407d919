import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { isAwsEndpoint } from './local-credentials';

/** Where tables are kept: an engine that runs already, or a program to run. */
export type EngineChoice = { kind: 'endpoint'; url: string } | { kind: 'binary'; path: string };

export interface EngineSurroundings {
  env: Record<string, string | undefined>;
  platform: string;
  arch: string;
  /** The path of a file in an installed package; throws if it is not there. */
  resolvePackageFile: (request: string) => string;
}

/** There is no engine to keep the table in, or the one named cannot be used. The message says what to do. */
export class EngineMissingError extends Error {
  override readonly name = 'EngineMissingError';
}

/** Chooses the engine: DDB_ENDPOINT_URL, else the package for this platform, else `dynoxide` on the PATH. */
export function resolveEngine(surroundings: EngineSurroundings = ourSurroundings()): EngineChoice {
  const endpointUrl = surroundings.env.DDB_ENDPOINT_URL ?? '';
  if (endpointUrl !== '') return { kind: 'endpoint', url: checkedEndpoint(endpointUrl) };

  const path = binaryFromPackage(surroundings) ?? binaryOnPath(surroundings);
  if (path !== undefined) return { kind: 'binary', path };

  throw new EngineMissingError(
    [
      'There is no DynamoDB engine to keep the table in. Any one of these helps:',
      `  - npm install, without --omit=optional: it installs ${packageName(surroundings)}, if that exists for this platform;`,
      '  - put a "dynoxide" program on the PATH (https://github.com/nubo-db/dynoxide);',
      '  - run another DynamoDB-compatible engine, and set DDB_ENDPOINT_URL to its address, e.g. http://127.0.0.1:8000.',
    ].join('\n'),
  );
}

function ourSurroundings(): EngineSurroundings {
  return {
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    resolvePackageFile: (request) => require.resolve(request),
  };
}

function checkedEndpoint(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new EngineMissingError(
      `DDB_ENDPOINT_URL must be a URL such as http://127.0.0.1:8000, not ${JSON.stringify(url)}`,
    );
  }
  if (isAwsEndpoint(url)) {
    throw new EngineMissingError(
      'DDB_ENDPOINT_URL names AWS itself. The local system fills its table with invented sandboxes: it is for local engines only.',
    );
  }
  return url;
}

function packageName({ platform, arch }: EngineSurroundings): string {
  return `@dynoxide/${platform}-${arch}`;
}

function binaryFromPackage(surroundings: EngineSurroundings): string | undefined {
  try {
    const manifest = surroundings.resolvePackageFile(`${packageName(surroundings)}/package.json`);
    return executableIn(dirname(manifest), surroundings.platform);
  } catch {
    return undefined;
  }
}

function binaryOnPath({ env, platform }: EngineSurroundings): string | undefined {
  const directories = (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  return directories.map((directory) => executableIn(directory, platform)).find((path) => path !== undefined);
}

function executableIn(directory: string, platform: string): string | undefined {
  const path = join(directory, platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
