import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceOnce } from './bundle-variant';
import { PLANTED_FAULTS } from './planted-faults';
import { TIME_LAPSE } from './time-lapse';

const ROOT = join(__dirname, '..', '..', '..');

describe('replaceOnce', () => {
  const change = { file: 'a.ts', find: 'b', replace: '$&c' };

  it('replaces a piece of source, to the letter', () => {
    expect(replaceOnce('abd', change)).toBe('a$&cd');
  });

  it('refuses when the piece is not there, or more than once', () => {
    expect(() => replaceOnce('ad', change)).toThrow('a.ts has this 0 times instead of once: b');
    expect(() => replaceOnce('bb', change)).toThrow('a.ts has this 2 times');
  });
});

const CHANGES = [...TIME_LAPSE, ...PLANTED_FAULTS.flatMap(({ changes }) => changes)].map(
  (change) => [change.file, change.find, change] as const,
);

it.each(CHANGES)('%s still has the piece that fault runs replace: %s', (file, _find, change) => {
  const source = readFileSync(join(ROOT, file), 'utf8');

  expect(replaceOnce(source, change)).not.toBe(source);
});
