import { svgPlot, tickStep } from '../../../bench/report/svg-plot';

const CHARTS = [
  {
    title: 'Rates <fast> & "slow"',
    axis: 'allocations per second',
    bars: [
      { label: 'limit', value: 1_000 },
      { label: 'half', value: 500 },
      { label: 'none', value: 0 },
    ],
  },
  { title: 'Nothing', axis: 'milliseconds', bars: [{ label: 'zero', value: 0 }] },
];

/** What is left of `<`, `>` and `&` when every element that is well-formed is taken away, from the inside outwards. */
function leftOverMarkup(xml: string): string {
  const attributes = String.raw`(?:\s+[\w:-]+="(?:[^"<>&]|&\w+;)*")*\s*`;
  const element = new RegExp(`<([A-Za-z]+)${attributes}(?:/>|>(?:[^<>&]|&\\w+;)*</\\1>)`, 'g');
  let rest = xml;
  for (let before = ''; rest !== before;) {
    before = rest;
    rest = rest.replace(element, '');
  }
  return rest.trim();
}

describe('svgPlot', () => {
  const svg = svgPlot(CHARTS);

  it('is well-formed XML without a number that is none', () => {
    expect(leftOverMarkup(svg)).toBe('');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('says what is measured, on each chart', () => {
    expect(svg).toContain('Rates &lt;fast&gt; &amp; &quot;slow&quot;</text>');
    expect(svg).toContain('>allocations per second</text>');
    expect(svg).toContain('>milliseconds</text>');
  });

  it('draws bars in proportion to their values', () => {
    const widths = [...svg.matchAll(/class="bar"[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));

    expect(widths).toHaveLength(4);
    expect(widths[0]).toBeGreaterThan(0);
    expect(widths[1]).toBeCloseTo((widths[0] ?? 0) / 2, 0);
    expect(widths.slice(2)).toEqual([0, 0]);
  });

  it('can be read in the dark', () => {
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
  });

  it('is checked by a test that knows bad markup', () => {
    expect(leftOverMarkup('<g><text>a & b</text></g>')).not.toBe('');
    expect(leftOverMarkup('<g><text>a</g></text>')).not.toBe('');
    expect(leftOverMarkup('<g x="1><2"/>')).not.toBe('');
  });

  it('is a document also when there is nothing to draw', () => {
    expect(leftOverMarkup(svgPlot([]))).toBe('');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses a bar of %p', (value) => {
    const chart = { title: 'Rates', axis: 'per second', bars: [{ label: 'limit', value }] };

    expect(() => svgPlot([chart])).toThrow('Rates: the bar "limit"');
  });
});

describe('tickStep', () => {
  it.each([
    [1_000, 250],
    [1_001, 500],
    [7, 2],
    [0.3, 0.1],
    [0, 1],
  ])('of %p is %p', (max, step) => {
    expect(tickStep(max)).toBeCloseTo(step, 12);
    expect(4 * tickStep(max)).toBeGreaterThanOrEqual(max);
  });
});
