import fc from 'fast-check';

/*
 * Values that have broken somebody's server before, and random ones.
 */

const NOTORIOUS = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '1e309',
  '9007199254740993',
  '..',
  '../../etc/passwd',
  '%',
  '%00',
  '%2e%2e%2f',
  '%ED%A0%80',
  '%c0%ae',
  '<script>alert(1)</script>',
  "'; DROP TABLE x; --",
  '${jndi:ldap://a}',
  'SBX#1',
  'CLAIM#a#b',
  '#',
  'a#b#c',
  'a,b',
  '"',
  '\\',
  '\u0000',
  '\u007f',
  '\ud800',
  '\u202e',
  '💥',
  'ß',
  'İ',
  '[object Object]',
  '[]',
  '{}',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(257),
  'é'.repeat(256),
  '€'.repeat(200),
  'x'.repeat(2_048),
  'x'.repeat(5_000),
];

/** Any text at all, lone surrogates included. */
export const oddText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NOTORIOUS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
);

/** What HTTP allows as the value of a header: bytes without control characters. */
export const oddHeaderValue = oddText.map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, ''),
);

/** What may stand in a target: visible bytes only. */
export function inTarget(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^\x21-\x7e\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Percent-encodes whatever there is; a lone surrogate as the bytes that no decoder takes. */
export function encodePart(text: string): string {
  return /\p{Surrogate}/u.test(text) ? '%ED%A0%80' : encodeURIComponent(text);
}
