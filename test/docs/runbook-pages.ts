import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const RUNBOOKS_FOLDER = join(__dirname, '..', '..', 'docs', 'runbooks');
export const INDEX_NAME = 'README.md';

/** A file of the folder. */
export interface Page {
  /** With its ending. */
  name: string;
  text: string;
}

/** An HTTP call that a page tells people to make. */
export interface QuotedCall {
  method: string;
  /** With its query; what a person fills in is replaced by something. */
  path: string;
  body?: string;
}

/** Every page, the index included. */
export function pages(): Page[] {
  return readdirSync(RUNBOOKS_FOLDER)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(RUNBOOKS_FOLDER, name), 'utf8') }));
}

/** The second-level headings, in order. */
export function headingsOf({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
}

/** What GitHub calls the places in a page that a link may point to. */
export function anchorsOf({ text }: Page): string[] {
  const headings = [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** The targets of the links to files of ours. */
export function linksOf({ text }: Page): { path: string; anchor?: string }[] {
  return [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = '', anchor]) => ({
    path,
    anchor,
  }));
}

/** The code blocks in a language, each command in one line. */
export function blocksOf({ text }: Page, language: string): string[] {
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks]
    .filter(([, found]) => found === language)
    .map(([, , body = '']) => body.replaceAll(/\\\n\s*/g, ''));
}

/** What stands between backticks in the text. */
export function inlineCodeOf({ text }: Page): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The arguments of every `npm run broker -- …`, in blocks and in the text. */
export function brokerCommandsOf(page: Page): string[][] {
  const lines = [...blocksOf(page, 'sh').flatMap((block) => block.split('\n')), ...inlineCodeOf(page)];
  return lines
    .map((line) => /npm run broker -- ([^#]*)/.exec(line)?.[1])
    .filter((command) => command !== undefined)
    .map((command) => (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", '')));
}

/** The patterns that `aws logs tail` is to filter by. */
export function filterPatternsOf(page: Page): string[] {
  return blocksOf(page, 'sh').flatMap((block) =>
    [...block.matchAll(/--filter-pattern '([^']*)'/g)].map(([, pattern = '']) => pattern),
  );
}

/** The calls to the broker, from `curl` and from the text. */
export function callsOf(page: Page): QuotedCall[] {
  const curls = blocksOf(page, 'sh').flatMap(
    (block) => block.match(/curl [^|\n]*\$BROKER_URL[^|\n]*/g) ?? [],
  );
  const fromCurls = curls.map((command) => ({
    method: /-X (\w+)/.exec(command)?.[1] ?? 'GET',
    path: filledIn(/\$BROKER_URL([^"\s]*)/.exec(command)?.[1] ?? ''),
    body: /-d '([^']*)'/.exec(command)?.[1],
  }));
  const fromText = inlineCodeOf(page)
    .map((code) => /^(GET|POST|PUT) (\/\S+)$/.exec(code))
    .filter((match) => match !== null)
    .map(([, method = '', path = '']) => ({ method, path: filledIn(path) }));
  return [...fromCurls, ...fromText];
}

function filledIn(path: string): string {
  return path
    .replace('$state', 'pending_deletion')
    .replaceAll(/\$id|\bID\b/g, '17')
    .replace('CALLER', 'student-1');
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}
