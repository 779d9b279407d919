/**
 * The path and query of a request's target. A target may be a whole URL, as proxies send it (RFC 9112, section 3.2.2);
 * its host is left out: we answer for every name. Express itself loses its way in a URL that it cannot parse, and
 * answers without any of our parts.
 *
 * @returns undefined for what is neither a path, nor a URL, nor the `*` of OPTIONS.
 */
export function requestPath(target: string): string | undefined {
  if (target.startsWith('/') || target === '*') return target;
  if (!URL.canParse(target)) return undefined;
  const { protocol, pathname, search } = new URL(target);
  return protocol === 'http:' || protocol === 'https:' ? `${pathname}${search}` : undefined;
}
