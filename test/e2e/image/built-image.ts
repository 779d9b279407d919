import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import dockerignore from '@balena/dockerignore';
import { Copy, type Instruction } from 'dockerfile-ast';
import { baseEnvironment } from '../../../local/processes/base-environment';
import {
  copyOf,
  dockerfileStages,
  environmentOf,
  finalStage,
  onlyWordsOf,
  ROOT,
  wordsOf,
} from '../../image/dockerfile';

/*
 * What our Dockerfile makes, on a machine without Docker: its COPY and RUN steps, done in folders of their own. The
 * base images are not there, so this says nothing of the C library of the real image; everything else is the same.
 */

/** The image's files in a folder, and how a container of it is started. */
export interface BuiltImage {
  /** Stands for `/`. */
  root: string;
  /** The folder in which a command begins, inside of `root`. */
  workingFolder: string;
  /** The Node.js of the image: a copy of the one that runs this. */
  node: string;
  /** The command unless a task definition names another. */
  command: string[];
  environment: Record<string, string>;
  user: { uid: number; gid: number };
  remove(): void;
}

/** Set to 1 to have `npm ci` really run; otherwise the packages that it has put here serve. */
const INSTALLS_PACKAGES = process.env.IMAGE_TEST_NPM_CI === '1';

/** Does what the Dockerfile says. @throws Error with the output of a step that fails. */
export function buildImage(): BuiltImage {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-broker-image-'));
  // Another user has to get through.
  chmodSync(folder, 0o755);
  const remove = (): void => {
    // What is read-only is so for rm, too.
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const context = join(folder, 'context');
    copyContext(context);
    const stages = dockerfileStages();
    const roots = new Map(stages.map((stage, at) => [stage.name ?? String(at), join(folder, `stage-${at}`)]));
    let workingFolder = '/';
    stages.forEach((stage, at) => {
      const root = join(folder, `stage-${at}`);
      workingFolder = '/';
      // All that a base image gives.
      cpSync(process.execPath, join(root, 'usr/local/bin/node'), { recursive: true });
      for (const instruction of stage.instructions) {
        if (instruction.getKeyword() === 'WORKDIR')
          workingFolder = join(workingFolder, wordsOf(instruction)[0] ?? '');
        mkdirSync(join(root, workingFolder), { recursive: true });
        if (instruction instanceof Copy) copy(instruction, { context, roots, root, workingFolder });
        if (instruction.getKeyword() === 'RUN') run(instruction, join(root, workingFolder));
      }
    });
    return { ...described(join(folder, `stage-${stages.length - 1}`), workingFolder), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The files in an image, as paths from its root. */
export function filesOf(image: BuiltImage): string[] {
  return filesIn(image.root)
    .map((path) => relative(image.root, path))
    .sort();
}

function described(root: string, workingFolder: string): Omit<BuiltImage, 'remove'> {
  const stage = finalStage();
  const [uid, gid] = (onlyWordsOf(stage, 'USER')[0] ?? '').split(':').map(Number);
  if (uid === undefined || gid === undefined) throw new Error('the image names no user and group');
  // Not even their owner may write, for a machine where the tests' user is the only one.
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, entry.isDirectory() || path.endsWith('/bin/node') ? 0o555 : 0o444);
  }
  return {
    root,
    workingFolder: join(root, workingFolder),
    node: join(root, 'usr/local/bin/node'),
    command: onlyWordsOf(stage, 'CMD'),
    environment: environmentOf(stage),
    user: { uid, gid },
  };
}

/** What Docker would send to the build: the files that .dockerignore lets through. */
function copyContext(context: string): void {
  const ignored = dockerignore().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  const files = readdirSync(ROOT, { withFileTypes: true })
    // These are large, and a test of .dockerignore says that they stay out.
    .filter(({ name }) => !['node_modules', '.git', 'cdktf.out'].includes(name))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(ROOT, entry.name)) : [join(ROOT, entry.name)]));
  for (const file of ignored.filter(files.map((path) => relative(ROOT, path)))) {
    cpSync(join(ROOT, file), join(context, file));
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

interface CopyPlaces {
  context: string;
  roots: Map<string, string>;
  root: string;
  workingFolder: string;
}

function copy(instruction: Copy, { context, roots, root, workingFolder }: CopyPlaces): void {
  const { from, sources, target } = copyOf(instruction);
  const origin = from === undefined ? context : roots.get(from);
  if (origin === undefined) throw new Error(`COPY --from=${from}: there is no such stage`);
  const to = target.startsWith('/') ? join(root, target) : join(root, workingFolder, target);
  for (const source of sources) {
    const path = join(origin, source);
    // Of a folder, COPY takes what is in it; a file keeps its name only if it goes into a folder.
    const isFileIntoFolder = target.endsWith('/') && !statSync(path).isDirectory();
    cpSync(path, isFileIntoFolder ? join(to, basename(path)) : to, { recursive: true });
  }
}

function run(instruction: Instruction, workingFolder: string): void {
  const [command = '', ...args] = wordsOf(instruction);
  if (command === 'npm' && args[0] === 'ci' && !INSTALLS_PACKAGES) {
    // It needs these two, and makes of them what it has made of them here.
    for (const name of ['package.json', 'package-lock.json']) readFileSync(join(workingFolder, name));
    symlinkSync(join(ROOT, 'node_modules'), join(workingFolder, 'node_modules'));
    return;
  }
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: workingFolder,
    env: baseEnvironment(),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`RUN ${[command, ...args].join(' ')}: ${stdout}${stderr}`);
}
