/** How long a caller wants to wait for work that may outlast its answer. */
export interface WaitPreference {
  waitMs: number;
  /** The caller has asked for `202` rather than a long wait. */
  isAsync: boolean;
}

/**
 * Reads `Prefer` (RFC 7240): `respond-async` waits not at all, `wait=5` at most 5 seconds, and both together wait 5
 * seconds before the answer is `202`. A preference is a wish: what is unknown or malformed is ignored, and nobody waits
 * longer than `maxWaitMs`.
 */
export function waitPreference(header: string | undefined, maxWaitMs: number): WaitPreference {
  const preferences = new Map<string, string>();
  for (const preference of (header ?? '').split(',')) {
    const [, name, value = ''] =
      /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:=\s*"?([^";]*)"?\s*)?(?:;.*)?$/.exec(preference) ?? [];
    // The first of two counts.
    if (name !== undefined && !preferences.has(name.toLowerCase()))
      preferences.set(name.toLowerCase(), value.trim());
  }
  const isAsync = preferences.has('respond-async');
  const seconds = preferences.get('wait') ?? '';
  if (/^\d{1,6}$/.test(seconds)) return { waitMs: Math.min(Number(seconds) * 1_000, maxWaitMs), isAsync };
  return { waitMs: isAsync ? 0 : maxWaitMs, isAsync };
}
