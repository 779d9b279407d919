/*
 * CloudWatch's filter syntax for JSON lines, as far as our metric filters use it: comparisons of fields with a string
 * in quotes or a number, joined by `&&`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */

/** A line of the log, parsed. */
export type LogLine = Record<string, unknown>;

const COMPARISON = /^(?<selector>\$(?:\.\w+)+)\s*(?<operator>=|>=)\s*(?:"(?<text>[^"]*)"|(?<number>\d+))$/;

/** Whether CloudWatch would count the line. @throws Error for a pattern that this subset does not know. */
export function matches(pattern: string, line: LogLine): boolean {
  const body = /^\{ (.*) \}$/.exec(pattern)?.[1];
  if (body === undefined) throw new Error(`Not a JSON filter pattern: ${pattern}`);
  return body
    .split('&&')
    .map((part) => isTrue(part.trim(), line))
    .every(Boolean);
}

/** The field that a selector such as `$.pool.available` names; `undefined` when the line has none. */
export function fieldAt(line: LogLine, selector: string): unknown {
  return selector
    .split('.')
    .slice(1)
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      line,
    );
}

function isTrue(comparison: string, line: LogLine): boolean {
  const { selector, operator, text, number } = COMPARISON.exec(comparison)?.groups ?? {};
  if (selector === undefined) throw new Error(`Not a comparison that this test knows: ${comparison}`);
  const value = fieldAt(line, selector);
  if (operator === '>=') return typeof value === 'number' && value >= Number(number);
  return value === (text ?? Number(number));
}
