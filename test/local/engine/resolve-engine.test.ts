import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EngineMissingError,
  resolveEngine,
  type EngineSurroundings,
} from '../../../local/engine/resolve-engine';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'resolve-engine-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A program in a folder of its own; returns the folder. */
function placeProgram(folder: string, mode = 0o755): string {
  const path = join(directory, folder);
  mkdirSync(path);
  writeFileSync(join(path, 'dynoxide'), '');
  chmodSync(join(path, 'dynoxide'), mode);
  return path;
}

function surroundings(
  parts: { env?: Record<string, string>; packageFolder?: string } = {},
): EngineSurroundings {
  return {
    env: parts.env ?? {},
    platform: 'linux',
    arch: 'x64',
    resolvePackageFile: (request) => {
      if (parts.packageFolder === undefined || request !== '@dynoxide/linux-x64/package.json') {
        throw new Error(`Cannot find module '${request}'`);
      }
      return join(parts.packageFolder, 'package.json');
    },
  };
}

it('uses the engine of DDB_ENDPOINT_URL before any other', () => {
  const packageFolder = placeProgram('package');
  expect(
    resolveEngine(surroundings({ env: { DDB_ENDPOINT_URL: 'http://127.0.0.1:8000' }, packageFolder })),
  ).toEqual({
    kind: 'endpoint',
    url: 'http://127.0.0.1:8000',
  });
});

it('uses the package for this platform before a program on the PATH', () => {
  const packageFolder = placeProgram('package');
  const env = { PATH: placeProgram('bin'), DDB_ENDPOINT_URL: '' };
  expect(resolveEngine(surroundings({ env, packageFolder }))).toEqual({
    kind: 'binary',
    path: join(packageFolder, 'dynoxide'),
  });
});

it('uses the first program on the PATH that can be run', () => {
  const notExecutable = placeProgram('data', 0o644);
  const good = placeProgram('bin');
  const env = { PATH: ['/nowhere', '', notExecutable, good].join(':') };
  expect(resolveEngine(surroundings({ env }))).toEqual({ kind: 'binary', path: join(good, 'dynoxide') });
});

it('names all three choices when there is no engine', () => {
  const missing = (): unknown => resolveEngine(surroundings({ env: { PATH: directory } }));
  expect(missing).toThrow(EngineMissingError);
  expect(missing).toThrow(/@dynoxide\/linux-x64/);
  expect(missing).toThrow(/PATH/);
  expect(missing).toThrow(/DDB_ENDPOINT_URL/);
});

it.each(['127.0.0.1:8000', 'ftp://127.0.0.1', 'nonsense'])(
  'refuses DDB_ENDPOINT_URL=%s, which is no URL for it',
  (url) => {
    expect(() => resolveEngine(surroundings({ env: { DDB_ENDPOINT_URL: url } }))).toThrow(/must be a URL/);
  },
);

it.each([
  'https://dynamodb.us-east-1.amazonaws.com',
  'https://dynamodb.cn-north-1.amazonaws.com.cn',
  'https://123456789012.ddb.us-east-1.amazonaws.com',
  'https://dynamodb.us-east-1.api.aws',
])('refuses %s: invented sandboxes do not belong in AWS', (url) => {
  expect(() => resolveEngine(surroundings({ env: { DDB_ENDPOINT_URL: url } }))).toThrow(/local engines only/);
});
