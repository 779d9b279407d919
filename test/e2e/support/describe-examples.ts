/* eslint-disable jest/no-export, jest/valid-title, jest/valid-describe-callback -- declares what its callers say */
import { spawnSync } from 'node:child_process';

/** Programs that the examples need and this machine has not. */
function missingTools(): string[] {
  const needs: [string, string[]][] = [
    ['bash', ['--version']],
    ['curl', ['--version']],
    ['python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']],
  ];
  return needs.filter(([tool, args]) => spawnSync(tool, args).status !== 0).map(([tool]) => tool);
}

/**
 * `describe` where the examples can run. Where they cannot it says so and skips them; with REQUIRE_E2E=1 there is a test
 * that fails instead.
 */
export function describeExamples(name: string, tests: () => void): void {
  const missing = missingTools();
  if (missing.length === 0) {
    describe(name, tests);
  } else if (process.env.REQUIRE_E2E === '1') {
    describe(name, () => {
      it('finds the tools that it needs, as REQUIRE_E2E=1 asks for', () => {
        expect(missing).toEqual([]);
      });
    });
  } else {
    console.warn(`The tests of examples/ are SKIPPED: ${missing.join(', ')} is missing, or too old.`);
    const skipped = describe.skip;
    skipped(name, tests);
  }
}
