import type { BenchSystem } from '../bench-system';
import { sandboxIn, zip } from './answers';
import type { AllocateCall } from './load-generator';

const MAX_TRIES = 5;

/**
 * Sees to it that each of these callers holds a sandbox, on the open connections. Resolves with who holds which. On a
 * busy machine a call may fail: those callers try again.
 */
export async function giveEachOne(
  { load }: Pick<BenchSystem, 'load'>,
  calls: AllocateCall[][],
): Promise<Map<string, string>> {
  const callers = new Set(calls.flat().map(({ caller }) => caller));
  const held = new Map<string, string>();
  for (let tries = 0; tries < MAX_TRIES && held.size < callers.size; tries += 1) {
    const left = calls.map((lane) => lane.filter(({ caller }) => !held.has(caller)));
    for (const [{ caller }, answer] of zip(left, await load.allocate(left))) {
      const sandboxId = sandboxIn(answer);
      if (sandboxId !== undefined) held.set(caller, sandboxId);
    }
  }
  if (held.size < callers.size) throw new Error('Not every student could be given a sandbox');
  return held;
}
