import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformStack, type App } from 'cdktf';
import { unzipSync } from 'fflate';
import { RollbackCode } from '../../../../stacks/constructs/rollback/rollback-code';
import { synthesizedFile } from '../../synthesized';

const ROOT = join(__dirname, '../../../..');

/** A stack with nothing but the code. */
class CodeStack extends TerraformStack {
  readonly code: RollbackCode;

  constructor(app: App) {
    super(app, 'code');
    this.code = new RollbackCode(this, 'code');
  }
}

let code: RollbackCode | undefined;
let zip: Buffer;
let folder: string;

beforeAll(() => {
  zip = synthesizedFile((app) => {
    const stack = new CodeStack(app);
    code = stack.code;
    return stack;
  }, 'assets/rollback.zip');
  folder = mkdtempSync(join(tmpdir(), 'code-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Unix permissions of the first entry in the zip's directory (APPNOTE.TXT 4.3.12). */
function unixMode(bytes: Buffer): number {
  const entry = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  return bytes.readUInt32LE(entry + 38) >>> 16;
}

describe('the zip of the rollback function', () => {
  it('lies where the function looks for it, and has the hash that it is told', () => {
    expect(code?.path).toBe('assets/rollback.zip');
    expect(code?.sha256).toBe(createHash('sha256').update(zip).digest('base64'));
  });

  it('holds what the build makes, and the licences of what is in it', () => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), 'rollback', '--outdir', folder]);
    const files = unzipSync(zip);

    expect(Object.keys(files)).toEqual(['rollback.js', 'rollback.js.LEGAL.txt']);
    for (const [name, bytes] of Object.entries(files)) {
      expect(Buffer.from(bytes).equals(readFileSync(join(folder, name)))).toBe(true);
    }
  });

  it('can be read by the user that Lambda runs it as', () => {
    expect(unixMode(zip) & 0o777).toBe(0o644);
  });

  it('names no folder of the machine that made it', () => {
    const source = Buffer.from(unzipSync(zip)['rollback.js'] ?? []).toString('utf8');
    expect(source).not.toContain(ROOT);
    expect(source).not.toContain(tmpdir() + '/');
  });

  it('has the handler that the function names, and nothing to load beside it', () => {
    const source = Buffer.from(unzipSync(zip)['rollback.js'] ?? []).toString('utf8');
    const module = { exports: {} as Record<string, unknown> };
    const requireBuiltIn = createRequire(join(folder, 'nothing-is-here.js'));
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- as Node.js loads it, from a folder without packages
    const load = new Function('module', 'exports', 'require', source) as (...given: unknown[]) => void;
    load(module, module.exports, requireBuiltIn);

    expect(module.exports.handler).toBeInstanceOf(Function);
  });
});
