import { STATUSES, type Stats, type Status } from '../model/api-types';
import { ProcessHistory, type Point } from '../model/process-history';
import { readProcessSample } from '../model/process-samples';
import { plainWords } from '../model/words';
import { drawChart } from './chart';
import { byId, element, show } from './dom';

/** How far back the curves go: as long as the page has been open, and at most this. */
const WINDOW_MS = 30 * 60_000;
const SHORTEST_WINDOW_MS = 2 * 60_000;

const WHAT_IT_MEANS: Record<Status, string> = {
  available: 'can be given to students',
  allocated: 'in students’ hands',
  pending_deletion: 'given back or expired, waiting to be deleted',
  deletion_unconfirmed: 'deletion accepted, not yet confirmed by a list',
  deletion_failed: 'refused by the portal',
  stale: 'not listed by the portal any more',
};

interface Look {
  atMs: number;
  stats: Stats;
}

/** The pool as a picture: what it is now, and how it came to be so since the page was opened. */
export class PoolView {
  #looks: Look[] = [];
  #processes = new ProcessHistory(WINDOW_MS);
  #isMetricsTextUnderstood = true;

  /** @param metricsText of whichever process answered; undefined when none did. */
  add(stats: Stats, metricsText: string | undefined, atMs: number): void {
    this.#looks = [...this.#looks.filter((look) => atMs - look.atMs <= WINDOW_MS), { atMs, stats }];
    if (metricsText !== undefined) {
      const sample = readProcessSample(metricsText, atMs);
      this.#isMetricsTextUnderstood = sample !== undefined;
      if (sample) this.#processes.add(sample);
    }
    this.#showTiles(stats);
    this.draw();
  }

  /** Draws the curves, e.g. after the width has changed. */
  draw(): void {
    const last = this.#looks.at(-1);
    const first = this.#looks[0];
    if (!last || !first) return;
    const nowMs = last.atMs;
    const times = this.#looks.map(({ atMs }) => atMs);
    const shared = { nowMs, windowMs: Math.max(SHORTEST_WINDOW_MS, nowMs - first.atMs) };

    drawChart(byId('chart-status'), {
      ...shared,
      unit: '',
      minimumTop: 3,
      emptyText: 'nothing yet',
      curves: STATUSES.map((status, index) => ({
        label: plainWords(status),
        style: index + 1,
        points: this.#looks.map(({ atMs, stats }) => ({ atMs, value: stats[status] ?? null })),
      })),
    });
    drawChart(byId('chart-allocations'), {
      ...shared,
      unit: '',
      minimumTop: 3,
      emptyText: 'measured from the second look on',
      curves: [
        { label: 'given', style: 2, points: this.#processes.perMinute('given', times) },
        { label: 'turned away', style: 4, points: this.#processes.perMinute('turnedAway', times) },
      ],
    });
    drawChart(byId('chart-latency'), {
      ...shared,
      unit: ' ms',
      minimumTop: 9,
      emptyText: 'no allocation while this page has been open',
      curves: [
        { label: 'half took at most (p50)', style: 1, points: inMs(this.#processes.latency(0.5, times)) },
        { label: '95 % took at most (p95)', style: 3, points: inMs(this.#processes.latency(0.95, times)) },
      ],
    });
    show(byId('chart-note'), this.#note(nowMs));
  }

  #note(nowMs: number): string {
    if (!this.#isMetricsTextUnderstood) return 'The metrics of the API cannot be read: no rates and times.';
    const count = this.#processes.processCount(nowMs);
    const whole = 'Counts are of the whole table. Rates are averages over the last 60 s.';
    const others = 'a process that never answered this page is missing in them.';
    return count === 1
      ? `${whole} Rates and times are of the one API process that has answered this page in the last two minutes; ${others}`
      : `${whole} Rates and times are of the ${count} API processes that have answered this page in the last two minutes, each compared with itself, then added up; ${others}`;
  }

  #showTiles(stats: Stats): void {
    const tile = (title: string, count: number | null | undefined, note: string): HTMLElement =>
      element(
        'div',
        { class: 'tile' },
        element('dt', {}, title),
        element(
          'dd',
          {},
          element('b', {}, count?.toLocaleString('en-US') ?? '–'),
          ' ',
          element('span', {}, note),
        ),
      );
    const givenUp = stats.deletion_given_up ?? 0;
    show(
      byId('tiles'),
      ...STATUSES.map((status) =>
        tile(
          plainWords(status),
          stats[status],
          status === 'deletion_failed' && givenUp > 0
            ? `${WHAT_IT_MEANS[status]}; ${givenUp} given up`
            : WHAT_IT_MEANS[status],
        ),
      ),
      tile('all together', stats.total, 'rows in the table'),
    );
  }
}

function inMs(points: Point[]): Point[] {
  return points.map(({ atMs, value }) => ({ atMs, value: value === null ? null : value * 1_000 }));
}
