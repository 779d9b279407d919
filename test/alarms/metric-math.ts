/*
 * CloudWatch's arithmetic for one period, as far as our alarms use it. A metric without a data point counts as 0 beside a
 * series that has one; where no series has any, there is no value. `IF` without a value of its condition has none either.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */

/** What a series has in one period; `undefined` is no data point. */
export type Point = number | undefined;

type Sides = [Point, Point];

const FUNCTIONS = {
  TIME_SERIES: (value: number): Point => value,
  IF: (condition: Point, then: Point, otherwise: Point): Point =>
    condition === undefined ? undefined : condition === 0 ? otherwise : (then ?? 0),
};

const OPERATORS: Record<string, { rank: number; apply: (left: number, right: number) => number }> = {
  '>=': { rank: 1, apply: (left, right) => Number(left >= right) },
  '+': { rank: 2, apply: (left, right) => left + right },
  '-': { rank: 2, apply: (left, right) => left - right },
  '*': { rank: 3, apply: (left, right) => left * right },
  '/': { rank: 3, apply: (left, right) => left / right },
};

/**
 * The value of an expression in a period in which its terms have these values.
 * @throws Error for what this subset does not know.
 */
export function valueOf(expression: string, points: Readonly<Record<string, Point>>): Point {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|>=|[-+*/(),]/g) ?? [];
  if (tokens.join('') !== expression.replaceAll(' ', '')) throw new Error(`Not understood: ${expression}`);
  let position = 0;

  function expect(token: string): void {
    if (tokens[position] !== token) throw new Error(`${token} is missing in ${expression}`);
    position += 1;
  }

  function operand(): { point: Point; isSeries: boolean } {
    const token = tokens[position] ?? '';
    position += 1;
    if (token === '(') {
      const inside = binary(0);
      expect(')');
      return inside;
    }
    if (/^\d/.test(token)) return { point: Number(token), isSeries: false };
    if (token in FUNCTIONS) return { point: call(token as keyof typeof FUNCTIONS), isSeries: true };
    if (token in points) return { point: points[token], isSeries: true };
    throw new Error(`${token} is not known in ${expression}`);
  }

  function call(name: keyof typeof FUNCTIONS): Point {
    const values: Point[] = [];
    expect('(');
    for (;;) {
      values.push(binary(0).point);
      if (tokens[position] !== ',') break;
      position += 1;
    }
    expect(')');
    return (FUNCTIONS[name] as (...values: Point[]) => Point)(...values);
  }

  function binary(rank: number): { point: Point; isSeries: boolean } {
    let left = operand();
    for (;;) {
      const operator = OPERATORS[tokens[position] ?? ''];
      if (operator === undefined || operator.rank <= rank) return left;
      position += 1;
      const right = binary(operator.rank);
      left = { point: combined([left, right], operator.apply), isSeries: left.isSeries || right.isSeries };
    }
  }

  const { point } = binary(0);
  if (position !== tokens.length) throw new Error(`Not understood to its end: ${expression}`);
  return point;
}

function combined(
  sides: [{ point: Point; isSeries: boolean }, { point: Point; isSeries: boolean }],
  apply: (left: number, right: number) => number,
): Point {
  const points = sides.map(({ point }) => point) as Sides;
  // A number alone makes no data point: it has none beside a series without any.
  const hasData = sides.some(({ point, isSeries }) => isSeries && point !== undefined);
  const isNumber = sides.every(({ isSeries }) => !isSeries);
  if (!hasData && !isNumber) return undefined;
  const value = apply(points[0] ?? 0, points[1] ?? 0);
  return Number.isFinite(value) ? value : undefined;
}
