import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/*
 * Names come from the portal, and reasons from people: nothing in the console may turn a string into markup or code. The
 * linter refuses what could; this shows that it does.
 */

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');
const RULES = ['no-restricted-syntax', 'no-restricted-globals', 'no-eval'];

const WAYS = [
  'document.body.innerHTML = "x";',
  'document.body["innerHTML"] = "x";',
  'document.body.outerHTML += "x";',
  'document.body.insertAdjacentHTML("beforeend", "x");',
  'document.write("x");',
  'new DOMParser().parseFromString("x", "text/html");',
  'document.createRange().createContextualFragment("x");',
  'document.createElement("iframe").srcdoc = "x";',
  'document.body.setHTMLUnsafe("x");',
  'eval("x");',
  'localStorage.setItem("token", "x");',
  'sessionStorage.setItem("token", "x");',
  'document.cookie = "x";',
];

it('is linted: no way from a string to markup or code, and none from the token to a store', () => {
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/eslint/bin/eslint.js'),
      ...['--stdin', '--stdin-filename', 'app/console/browser/console.ts', '--format', 'json'],
    ],
    { cwd: ROOT, input: WAYS.join('\n'), encoding: 'utf8', timeout: 100_000 },
  );
  const [{ messages } = { messages: [] }] = JSON.parse(stdout) as {
    messages: { ruleId: string; line: number }[];
  }[];
  const refused = new Set(messages.filter(({ ruleId }) => RULES.includes(ruleId)).map(({ line }) => line));

  expect(WAYS.filter((_way, index) => !refused.has(index + 1))).toEqual([]);
});
