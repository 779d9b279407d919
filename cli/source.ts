/**
 * What one source told. A status is made of several, and one that cannot be read keeps no other from being shown.
 * `not_there`: this system has no such thing, which is no fault.
 */
export type Source<T> =
  { kind: 'known'; value: T } | { kind: 'unknown'; reason: string } | { kind: 'not_there'; reason: string };

/** Asks a source. Never throws; `explain` turns its error into words. */
export async function ask<T>(
  question: () => Promise<T>,
  explain: (error: unknown) => string,
): Promise<Source<T>> {
  try {
    return { kind: 'known', value: await question() };
  } catch (error) {
    return { kind: 'unknown', reason: explain(error) };
  }
}

/** What a source told, if it told anything. */
export function valueOf<T>(source: Source<T>): T | undefined {
  return source.kind === 'known' ? source.value : undefined;
}
