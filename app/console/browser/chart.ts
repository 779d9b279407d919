import type { Point } from '../model/process-history';
import { shortNumber, timeOfDay } from '../model/words';
import { element, show, svgElement } from './dom';

/** A curve, told from the others by colour, by the pattern of its line and by words. */
export interface Curve {
  label: string;
  /** 1 to 5: colour and pattern. */
  style: number;
  points: Point[];
}

export interface ChartOptions {
  curves: Curve[];
  /** The time at the right edge. */
  nowMs: number;
  /** How far back the left edge lies. */
  windowMs: number;
  /** Behind each number of the legend, e.g. `ms`. */
  unit: string;
  /** The least upper end of the axis: a flat line near zero must not look like a mountain. */
  minimumTop: number;
  /** Stands in the middle while there is nothing to draw. */
  emptyText: string;
}

const HEIGHT = 150;
const MARGIN = { top: 10, right: 10, bottom: 20, left: 44 };
const HORIZONTAL_LINES = 3;

/** Draws a line chart into an element, as wide as that is, with its legend below. */
export function drawChart(parent: HTMLElement, options: ChartOptions): void {
  const width = Math.max(220, parent.clientWidth);
  const { curves, unit } = options;
  const values = curves.flatMap(({ points }) =>
    points.flatMap(({ value }) => (value === null ? [] : [value])),
  );
  const top = niceTop(Math.max(options.minimumTop, ...values));
  const scale = new Scale(width, options, top);
  const label = curves.map((curve) => `${curve.label} ${lastOf(curve, unit)}`).join(', ');
  show(
    parent,
    svgElement(
      'svg',
      {
        viewBox: `0 0 ${width} ${HEIGHT}`,
        width,
        height: HEIGHT,
        role: 'img',
        'aria-label': `Now: ${label}`,
      },
      ...axes(scale, options, top, width),
      ...curves.flatMap((curve) => linesOf(curve, scale)),
      values.length === 0 &&
        svgElement(
          'text',
          { x: width / 2, y: HEIGHT / 2, class: 'empty', 'text-anchor': 'middle' },
          options.emptyText,
        ),
    ),
    element(
      'ul',
      { class: 'legend' },
      ...curves.map((curve) =>
        element('li', {}, swatch(curve.style), `${curve.label} `, element('b', {}, lastOf(curve, unit))),
      ),
    ),
  );
}

class Scale {
  constructor(
    private readonly width: number,
    private readonly options: ChartOptions,
    private readonly top: number,
  ) {}

  x(atMs: number): number {
    const { nowMs, windowMs } = this.options;
    const share = 1 - (nowMs - atMs) / windowMs;
    return round(MARGIN.left + share * (this.width - MARGIN.left - MARGIN.right));
  }

  y(value: number): number {
    return round(HEIGHT - MARGIN.bottom - (value / this.top) * (HEIGHT - MARGIN.top - MARGIN.bottom));
  }
}

function axes(scale: Scale, { nowMs, windowMs }: ChartOptions, top: number, width: number): SVGElement[] {
  const lines = Array.from({ length: HORIZONTAL_LINES + 1 }, (_, index) => (top * index) / HORIZONTAL_LINES);
  const times = [nowMs - windowMs, nowMs - windowMs / 2, nowMs];
  const anchors = ['start', 'middle', 'end'];
  return [
    ...lines.flatMap((value) => [
      svgElement('line', {
        x1: MARGIN.left,
        x2: width - MARGIN.right,
        y1: scale.y(value),
        y2: scale.y(value),
        class: 'grid',
      }),
      svgElement(
        'text',
        { x: MARGIN.left - 6, y: scale.y(value) + 4, class: 'tick', 'text-anchor': 'end' },
        shortNumber(value),
      ),
    ]),
    ...times.map((atMs, index) =>
      svgElement(
        'text',
        { x: scale.x(atMs), y: HEIGHT - 4, class: 'tick', 'text-anchor': anchors[index] },
        timeOfDay(atMs),
      ),
    ),
  ];
}

/** The unbroken pieces of a curve; a point that stands alone is a dot. */
function linesOf({ points, style }: Curve, scale: Scale): SVGElement[] {
  const pieces: Point[][] = [[]];
  for (const point of points) {
    if (point.value === null) pieces.push([]);
    else pieces.at(-1)?.push(point);
  }
  return pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => {
      const places = piece.map(({ atMs, value }) => [scale.x(atMs), scale.y(value ?? 0)] as const);
      const [first] = places;
      if (places.length === 1 && first) {
        return svgElement('circle', { cx: first[0], cy: first[1], r: 2.5, class: `dot curve-${style}` });
      }
      return svgElement('polyline', {
        points: places.map((place) => place.join(',')).join(' '),
        class: `line curve-${style}`,
      });
    });
}

function swatch(style: number): SVGElement {
  return svgElement(
    'svg',
    { width: 26, height: 10, 'aria-hidden': 'true', class: 'swatch' },
    svgElement('line', { x1: 1, x2: 25, y1: 5, y2: 5, class: `line curve-${style}` }),
  );
}

function lastOf({ points }: Curve, unit: string): string {
  const value = points.at(-1)?.value;
  return value === null || value === undefined ? '–' : `${shortNumber(value)}${unit}`;
}

/** The next number above that divides well by three. */
function niceTop(value: number): number {
  const size = 10 ** Math.floor(Math.log10(value));
  const steps = [0.9, 1.2, 1.5, 1.8, 2.4, 3, 4.5, 6, 7.5, 9, 12];
  return (steps.find((step) => step * size >= value) ?? 12) * size;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
