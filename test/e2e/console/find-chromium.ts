/* eslint-disable jest/no-export, jest/valid-title, jest/valid-describe-callback -- declares what its callers say */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What Debian, Chrome's own packages and others call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of these tests: `CHROMIUM_PATH`, or one on the PATH; `undefined` without any. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const given = env.CHROMIUM_PATH;
  if (given !== undefined && given !== '') return given;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

/**
 * Like `describe`, for tests that need a browser. Without one they are skipped, and that is said; with REQUIRE_E2E=1
 * there is a test that fails instead.
 */
export function describeInBrowser(name: string, body: () => void): void {
  if (findChromium() !== undefined) {
    describe(name, body);
    return;
  }
  const missing = 'There is no Chromium: install Debian’s package chromium, or name one in CHROMIUM_PATH.';
  if (process.env.REQUIRE_E2E === '1') {
    describe(name, () => {
      it('finds the browser that it needs, as REQUIRE_E2E=1 asks for', () => {
        expect(missing).toBe('');
      });
    });
    return;
  }
  process.stderr.write(`Skipped: ${name}. ${missing}\n`);
  const skipped = describe.skip;
  skipped(name, body);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
