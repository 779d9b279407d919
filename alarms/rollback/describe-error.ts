const MAX_LENGTH = 300;

/** An error in one line for people: its name, what it says, and what lies behind it. */
export function describeError(error: unknown): string {
  return shorten(inFull(error).replaceAll(/\s+/g, ' ').trim(), MAX_LENGTH);
}

/** A text of at most so many characters, with dots where something was cut off. */
export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}

/** So many causes behind each other say enough, and a circle of them ends. */
const MAX_CAUSES = 5;

/** Each cause once: some errors quote theirs. */
function inFull(error: unknown, said = '', causesLeft = MAX_CAUSES): string {
  const own = ownWords(error);
  const cause = error instanceof Error ? error.cause : undefined;
  const isSaid = said.includes(own);
  if (cause === undefined || causesLeft === 0) return isSaid ? '' : own;
  const behind = inFull(cause, said + own, causesLeft - 1);
  if (isSaid || behind === '') return isSaid ? behind : own;
  return `${own} (${behind})`;
}

function ownWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : `${error.name}: ${error.message}`;
}
