import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { Copy, Label } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { API_PORT, WORKER_PORT } from '../../stacks/ports';
import {
  copyOf,
  dockerfileStages,
  environmentOf,
  finalStage,
  onlyWordsOf,
  propertiesOf,
  ROOT,
  wordsOf,
} from './dockerfile';

describe('the Dockerfile', () => {
  it('has no fault and no warning for the linter, whose own command lets warnings pass', () => {
    const faults = validate(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));

    expect(faults.map(({ message, range }) => ({ line: range.start.line + 1, message }))).toEqual([]);
  });

  it('starts from images of a fixed version, and of one Node.js for building and running', () => {
    const bases = dockerfileStages().map((stage) => stage.baseImage);

    for (const base of bases) expect(base).toMatch(/:(?!latest)[\w.-]+(@sha256:[0-9a-f]{64})?$/);
    const nodeBases = bases.filter((base) => base.startsWith('node:'));
    expect(nodeBases.length).toBeGreaterThan(1);
    expect(new Set(nodeBases).size).toBe(1);
    expect(nodeBases[0]).toMatch(/^node:(2[2-9]|[3-9]\d)\.\d+\.\d+-/);
  });

  it('runs commands only in stages of the building machine, so that no processor is emulated', () => {
    const running = dockerfileStages().filter((stage) =>
      stage.instructions.some((instruction) => instruction.getKeyword() === 'RUN'),
    );

    expect(running.map((stage) => stage.platform ?? 'that of the image')).toEqual(['$BUILDPLATFORM']);
    expect(finalStage().platform).toBeUndefined();
  });

  it('ends as a user with a number that is not root, which ECS and the kernel understand without a user file', () => {
    expect(onlyWordsOf(finalStage(), 'USER')).toEqual(['1000:1000']);
  });

  it('starts the API unless it is told otherwise, without a shell in between that would swallow SIGTERM', () => {
    expect(onlyWordsOf(finalStage(), 'CMD')).toEqual(['node', 'dist/api.js']);
    expect(finalStage().instructions.map((instruction) => instruction.getKeyword())).not.toContain(
      'ENTRYPOINT',
    );
  });

  it('takes nothing from the repository into the final stage, only what was built', () => {
    const copies = finalStage().instructions.filter((instruction) => instruction instanceof Copy);

    expect(copies.map((copy) => copyOf(copy).from)).toEqual(['node', 'build']);
  });

  it('names the ports on which the containers listen', () => {
    expect(onlyWordsOf(finalStage(), 'EXPOSE').map(Number)).toEqual([API_PORT, WORKER_PORT]);
  });

  it('runs in production, and sets nothing that the task definitions set', () => {
    expect(environmentOf(finalStage())).toEqual({ NODE_ENV: 'production' });
  });

  it('has no build argument, which would stay readable in the image', () => {
    const keywords = dockerfileStages().flatMap((stage) =>
      stage.instructions.map((instruction) => instruction.getKeyword()),
    );

    expect(keywords).not.toContain('ARG');
  });

  it('says what it is, in labels', () => {
    expect(propertiesOf(finalStage(), Label)).toMatchObject({
      'org.opencontainers.image.title': 'sandbox-broker',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
  });
});

describe('.dockerignore', () => {
  const ignored = dockerignore().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));

  it.each([
    '.env',
    'app/.env',
    'app/store/.env.local',
    'worker/key.pem',
    'app/npm-debug.log',
    'app/config.test.ts',
    'test/config.test.ts',
    '.git/config',
    '.npmrc',
    'node_modules/express/index.js',
    'dist/api.js',
    'cdktf.out/manifest.json',
    'terraform.sandbox-broker-dev-data.tfstate',
    'stacks/data-stack.ts',
    'local/main.ts',
    'scripts/cdktf.mjs',
  ])('keeps %s away from the build', (path) => {
    expect(ignored.ignores(path)).toBe(true);
  });

  it('lets in what the build copies, and no other entry of the repository', () => {
    const copied = dockerfileStages()
      .flatMap((stage) => stage.instructions)
      .filter((instruction) => instruction instanceof Copy)
      .map(copyOf)
      .filter(({ from }) => from === undefined)
      .flatMap(({ sources }) => sources.map((source) => source.replace(/\/$/, '')));

    expect(copied.filter((path) => ignored.ignores(path))).toEqual([]);
    const letIn = readdirSync(ROOT).filter((name) => !ignored.ignores(name));
    expect(letIn.filter((name) => !copied.includes(name))).toEqual([]);
  });
});

it('wordsOf leaves out flags, which the other tests rely on', () => {
  const install = dockerfileStages()
    .flatMap((stage) => stage.instructions)
    .find((instruction) => wordsOf(instruction).includes('ci'));

  expect(install && wordsOf(install).slice(0, 2)).toEqual(['npm', 'ci']);
});
