import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/**
 * The shell blocks of docs/deploy.md that stand under a marker such as `<!-- first deployment -->`, in their order:
 * what people are told to type is what the tests run.
 */
export function documentedCommands(marker: string): string[] {
  const text = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  const blocks = [...text.matchAll(/<!-- (?<marker>[^>]+) -->\n+```sh\n(?<commands>[^]*?)```/g)];
  const found = blocks.flatMap(({ groups }) =>
    groups?.marker?.trim() === marker ? [groups.commands ?? ''] : [],
  );
  if (found.length === 0) throw new Error(`docs/deploy.md has no block marked "${marker}"`);
  return found;
}
