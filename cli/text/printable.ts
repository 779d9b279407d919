/**
 * Control characters but for line feed and tab: some steer a terminal. And the embeddings, overrides and isolates of the
 * Unicode bidirectional algorithm: they turn around what is read.
 */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text with such characters written out as `\u202e`: names come from the portal, and reasons from people. In JSON that
 * is an escape, so what is read from it stays the same.
 */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
