const MAX_LENGTH = 300;

/** An error in one line for people: its name, what it says, and what lies behind it. */
export function describeError(error: unknown): string {
  return shorten(inFull(error).replaceAll(/\s+/g, ' ').trim(), MAX_LENGTH);
}

/** A text of at most so many characters, with dots where something was cut off. */
export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}

function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === '' ? error.name : `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own} (${inFull(error.cause)})`;
}
