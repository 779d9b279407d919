import type { BarChart } from '../scenario';
import { formatCell } from './format-table';

const WIDTH = 760;
const MARGIN = 24;
const LABEL_WIDTH = 220;
/** To the right of the longest bar, for its value. */
const VALUE_WIDTH = 80;
const BAR = { height: 20, gap: 10 };
const TITLE_HEIGHT = 36;
/** Below the bars: ticks, their numbers, and what they measure. */
const AXIS_HEIGHT = 48;
const CHART_GAP = 28;
const TICK_COUNT = 4;
const PLOT_WIDTH = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH;

/** Follows the reader's light or dark setting, also inside an `<img>`. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .axis { fill: #57606a; font-size: 12px; }
  .grid { stroke: #d0d7de; }
  .bar { fill: #0969da; }
  .background { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .axis { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .bar { fill: #4493f8; }
    .background { fill: #0d1117; }
  }`;

/** The charts below each other, as an SVG document. Throws when a bar's value is no finite number from zero on. */
export function svgPlot(charts: readonly BarChart[]): string {
  let top = MARGIN;
  const drawn = charts.map((chart) => {
    const here = top;
    top += chartHeight(chart) + CHART_GAP;
    return `<g transform="translate(${MARGIN} ${here})">\n${drawChart(chart)}\n</g>`;
  });
  const height = top - (charts.length > 0 ? CHART_GAP : 0) + MARGIN;
  const summary = charts.map(({ title }) => title).join(', ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(`Benchmark results: ${summary}`)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="background" width="${WIDTH}" height="${height}"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function chartHeight({ bars }: BarChart): number {
  return TITLE_HEIGHT + bars.length * (BAR.height + BAR.gap) + AXIS_HEIGHT;
}

function drawChart({ title, axis, bars }: BarChart): string {
  const wrong = bars.find(({ value }) => !(value >= 0 && Number.isFinite(value)));
  if (wrong) throw new Error(`${title}: the bar "${wrong.label}" is ${wrong.value}`);
  const step = tickStep(Math.max(...bars.map(({ value }) => value), 0));
  const end = step * TICK_COUNT;
  const x = (value: number): number => round(LABEL_WIDTH + (value / end) * PLOT_WIDTH);
  const bottom = TITLE_HEIGHT + bars.length * (BAR.height + BAR.gap);
  const ticks = Array.from({ length: TICK_COUNT + 1 }, (_, tick) => tick * step);
  return [
    `<text class="title" x="0" y="16">${escapeXml(title)}</text>`,
    ...ticks.flatMap((value) => [
      `<line class="grid" x1="${x(value)}" y1="${TITLE_HEIGHT - 6}" x2="${x(value)}" y2="${bottom}"/>`,
      `<text class="axis" x="${x(value)}" y="${bottom + 16}" text-anchor="middle">${formatCell(value)}</text>`,
    ]),
    `<text class="axis" x="${x(end / 2)}" y="${bottom + 36}" text-anchor="middle">${escapeXml(axis)}</text>`,
    ...bars.flatMap(({ label, value }, index) => {
      const y = TITLE_HEIGHT + index * (BAR.height + BAR.gap);
      const baseline = y + 15;
      return [
        `<text x="${LABEL_WIDTH - 10}" y="${baseline}" text-anchor="end">${escapeXml(label)}</text>`,
        `<rect class="bar" x="${LABEL_WIDTH}" y="${y}" width="${round(x(value) - LABEL_WIDTH)}" height="${BAR.height}"/>`,
        `<text x="${x(value) + 6}" y="${baseline}">${formatCell(value)}</text>`,
      ];
    }),
  ].join('\n');
}

/** The round number (1, 2, 2.5 or 5 times a power of ten) of which four reach as far as the longest bar. */
export function tickStep(max: number): number {
  if (max === 0) return 1;
  const least = max / TICK_COUNT;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= least) ?? 10;
  return factor * power;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
