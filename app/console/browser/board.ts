import type { Alarms, Jobs, RollbackPage, Stats } from '../model/api-types';
import { findingsOf, type Known } from '../model/findings';
import { Actions } from './actions';
import { showAlarms } from './alarms-view';
import { ApiError } from '../model/api-error';
import type { ApiClient } from './api-client';
import type { Connection } from './connection';
import { byId, element, show } from './dom';
import { isolated, nodesOf } from './foreign-text';
import { JobsView } from './jobs-view';
import { Panel } from './panel';
import { Poller } from '../model/poller';
import { pageVisibility } from './page-visibility';
import { PoolView } from './pool-view';
import { Results } from './results';
import { showRollbacks } from './rollbacks-view';
import { RunWatch } from './run-watch';
import { SandboxesView } from './sandboxes-view';

const JOBS_PERIOD_MS = 5_000;
const ROLLBACKS_PERIOD_MS = 15_000;
const ALARMS_PERIOD_MS = 20_000;
const MIN_POOL_PERIOD_MS = 5_000;
const MAX_POOL_PERIOD_MS = 60_000;
const FINDINGS_PERIOD_MS = 10_000;

export interface BoardOptions {
  client: ApiClient;
  connection: Connection;
  environmentName: string;
  /** The token is not valid, or not any more. */
  onToken: (error: ApiError) => void;
}

/** Everything behind the token: asks for it again and again, shows it, and offers what can be done. */
export class Board {
  readonly #ending = new AbortController();
  readonly #results = new Results(byId('results'));
  readonly #pool = new PoolView();
  readonly #jobs: JobsView;
  readonly #sandboxes: SandboxesView;
  readonly #pollers: Poller<never>[];
  readonly #panels = ['pool', 'jobs', 'alarms', 'rollbacks', 'sandboxes'].map(
    (name) => new Panel(`${name}-as-of`),
  );
  #known: Known = {};

  constructor(private readonly options: BoardOptions) {
    const { client, environmentName } = options;
    const actions = new Actions(client, this.#results, {
      signal: this.#ending.signal,
      afterwards: () => {
        this.#refresh();
      },
      onToken: options.onToken,
    });
    const runs = new RunWatch(client, this.#results, {
      signal: this.#ending.signal,
      onEnd: () => {
        this.#refresh();
      },
      onError: (error) => {
        this.#onError(error);
      },
    });
    this.#jobs = new JobsView(actions, runs, environmentName);
    this.#sandboxes = new SandboxesView(client, actions, {
      onAnswer: () => {
        options.connection.answered();
      },
      onError: (error) => {
        this.#onError(error);
      },
    });
    this.#pollers = this.#makePollers(client) as Poller<never>[];
  }

  start(): void {
    const { signal } = this.#ending;
    for (const poller of this.#pollers) poller.start();
    this.#sandboxes.start(signal);
    const findings = setInterval(() => {
      this.#showFindings();
    }, FINDINGS_PERIOD_MS);
    const resizing = new ResizeObserver(() => {
      this.#pool.draw();
    });
    resizing.observe(byId('chart-status'));
    signal.addEventListener('abort', () => {
      clearInterval(findings);
      resizing.disconnect();
    });
  }

  /** Asks no more, and leaves nothing on the page. */
  stop(): void {
    this.#ending.abort();
    document.body.removeAttribute('aria-busy');
    byId('filter', HTMLFormElement).reset();
    for (const poller of this.#pollers) poller.stop();
    for (const panel of this.#panels) panel.reset();
    this.#results.clear();
    const filled = [
      'findings',
      'tiles',
      'chart-status',
      'chart-allocations',
      'chart-latency',
      'chart-note',
      'runner',
      'jobs',
    ];
    for (const id of [...filled, 'alarms', 'sandboxes', 'paging', 'rollbacks']) show(byId(id));
  }

  #makePollers(client: ApiClient): unknown[] {
    return [
      this.#poller<{ stats: Stats; metrics: string | undefined }>(
        'pool',
        () => poolPeriodMs(this.#known.stats),
        async () => {
          const [stats, metrics] = await Promise.all([
            client.admin<Stats>('/stats'),
            // Without them there are counts all the same.
            client.metrics().catch(() => undefined),
          ]);
          return { stats, metrics };
        },
        ({ stats, metrics }, nowMs) => {
          this.#known.stats = stats;
          this.#pool.add(stats, metrics, nowMs);
        },
      ),
      this.#poller<Jobs>(
        'jobs',
        () => JOBS_PERIOD_MS,
        () => client.admin('/jobs'),
        (jobs, nowMs) => {
          this.#known.jobs = jobs;
          this.#jobs.show(jobs, nowMs);
        },
      ),
      this.#poller<RollbackPage>(
        'rollbacks',
        () => ROLLBACKS_PERIOD_MS,
        () => client.admin('/rollbacks?limit=20'),
        (rollbacks, nowMs) => {
          this.#known.rollbacks = rollbacks;
          this.#jobs.setRollbacks(rollbacks, nowMs);
          showRollbacks(rollbacks, nowMs);
        },
      ),
      this.#poller<Alarms>(
        'alarms',
        () => ALARMS_PERIOD_MS,
        () => client.admin('/alarms'),
        (alarms, nowMs) => {
          this.#known.alarms = alarms;
          showAlarms(alarms, nowMs);
        },
      ),
    ];
  }

  #poller<Data>(
    name: string,
    periodMs: () => number,
    load: () => Promise<Data>,
    onData: (data: Data, nowMs: number) => void,
  ): Poller<Data> {
    const panel = new Panel(`${name}-as-of`);
    return new Poller({
      visibility: pageVisibility,
      load,
      periodMs,
      onData: (data) => {
        const nowMs = Date.now();
        this.options.connection.answered();
        panel.fresh(nowMs);
        onData(data, nowMs);
        this.#showFindings();
      },
      onError: (error, nextLookAtMs) => {
        panel.failed(error, nextLookAtMs);
        this.#onError(error);
      },
    });
  }

  #onError(error: ApiError): void {
    if (this.#ending.signal.aborted) return;
    const { connection, onToken } = this.options;
    if (error.kind === 'unreachable') connection.silent();
    else connection.answered();
    if (error.kind === 'token') onToken(error);
  }

  #refresh(): void {
    if (this.#ending.signal.aborted) return;
    for (const poller of this.#pollers) poller.wake();
    void this.#sandboxes.read();
  }

  #showFindings(): void {
    if (this.#known.stats === undefined && this.#known.jobs === undefined) return;
    const findings = findingsOf(this.#known, Date.now());
    show(
      byId('findings'),
      findings.length === 0
        ? element('p', { class: 'all-well' }, 'Nothing, as far as the API knows.')
        : element(
            'ul',
            { class: 'findings' },
            ...findings.map(({ text, runbook }) =>
              element(
                'li',
                {},
                ...nodesOf(text),
                runbook !== undefined &&
                  element(
                    'div',
                    { class: 'quiet' },
                    'What to do: ',
                    element('code', { class: 'path' }, isolated(runbook)),
                  ),
              ),
            ),
          ),
    );
  }
}

/** Counting reads a whole index, so a large pool is counted more seldom. */
function poolPeriodMs(stats: Stats | undefined): number {
  return Math.min(MAX_POOL_PERIOD_MS, Math.max(MIN_POOL_PERIOD_MS, stats?.total ?? 0));
}
