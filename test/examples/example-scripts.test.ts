import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What can be said of the scripts in examples/ without running them. test/e2e/examples*.test.ts runs them.
 */

const EXAMPLES = join(__dirname, '..', '..', 'examples');
const scripts = ['bash', 'python'].flatMap((language) =>
  readdirSync(join(EXAMPLES, language))
    .filter((file) => /\.(sh|py)$/.test(file))
    .map((file) => ({ language, file, text: readFileSync(join(EXAMPLES, language, file), 'utf8') })),
);

/** From the mark that says so to the end mark, apart from that first line. */
function sharedPartOf(text: string): string | undefined {
  return /^# --- From here to the end mark: the same in .*\n([^]+)^# --- End mark/m.exec(text)?.[1];
}

/** The settings that a text's beginning tells of, and those that the code below it reads. */
function settingsOf(text: string): { told: Set<string>; read: Set<string> } {
  const [, head = '', code = ''] = /^([^]+?Exit codes:[^]+?)(?:^set -euo|^""")([^]+)$/m.exec(text) ?? [];
  const names = (part: string): Set<string> =>
    new Set(part.match(/\b(?:BROKER|INSTRUQT|SANDBOX|POOL|REPORT)_[A-Z_]+\b/g));
  // What set-up writes for labs is no setting of its own.
  const written = new Set(code.match(/(?<=line |^ {8}")SANDBOX_[A-Z_]+/gm));
  const without = (all: Set<string>): Set<string> => new Set([...all].filter((name) => !written.has(name)));
  return { told: without(names(head)), read: without(names(code)) };
}

it('finds all five', () => {
  expect(scripts.map(({ file }) => file).sort()).toEqual([
    'clean-up.sh',
    'clean_up.py',
    'pool_report.py',
    'set-up.sh',
    'set_up.py',
  ]);
});

it.each(['bash', 'python'])('has the same part in the middle of all of %s', (language) => {
  const parts = scripts
    .filter((script) => script.language === language)
    .map(({ text }) => sharedPartOf(text));

  expect(parts[0]?.length).toBeGreaterThan(1_000);
  expect(new Set(parts).size).toBe(1);
});

describe.each(scripts)('$file', ({ file, text }) => {
  it('tells at its top of each setting that it reads, and of no other', () => {
    const { told, read } = settingsOf(text);

    // A code of an error.
    read.delete('SANDBOX_NOT_FOUND');
    expect([...told].sort()).toEqual([...read].sort());
  });

  it('tells at its top of each exit code that it fails with, and of no other', () => {
    const [, codes = ''] = /Exit codes:([^]+?)(?:^set -euo|^""")/m.exec(text) ?? [];
    const told = [...codes.matchAll(/^#? {2,}(\d+) {2,}/gm)].map(([, code]) => Number(code));
    const used = [...text.matchAll(/\bfail(?:\(| )(\d+)/g)].map(([, code]) => Number(code));
    // The report's own exit code is no failure.
    const others = file === 'pool_report.py' ? [0, 10] : [0];

    expect(told).toEqual([...new Set([...used, ...others])].sort((one, other) => one - other));
  });

  it('is listed in the README', () => {
    expect(readFileSync(join(EXAMPLES, 'README.md'), 'utf8')).toContain(`/${file})`);
  });
});
