import { ApiError } from '../model/api-error';
import type { Job, JobRunState, Jobs } from '../model/api-types';
import { phrase } from '../model/phrase';
import { Poller } from '../model/poller';
import { runInWords, traceOf } from '../model/run-words';
import type { ApiClient } from './api-client';
import { pageVisibility } from './page-visibility';
import type { Result, Results } from './results';

const PERIOD_MS = 2_000;
/** A call that nobody answered may begin its run this much later: until then none is no sign that there is none. */
const LOOK_FOR_MS = 60_000;

/** Follows runs that outlast their calls, and says how they end. */
export class RunWatch {
  constructor(
    private readonly client: ApiClient,
    private readonly results: Results,
    private readonly hooks: {
      /** Aborted when the token is forgotten: what comes later is shown to nobody. */
      signal: AbortSignal;
      /** A run has ended, or its end is not known. */
      onEnd: () => void;
      onError: (error: ApiError) => void;
    },
  ) {}

  /** Follows a run to its end. @param shown says so far that it is running. */
  follow(run: JobRunState, shown?: Result): void {
    const result = shown ?? this.results.add(runInWords(run, Date.now()));
    this.#poll({
      load: () => this.client.admin<JobRunState>(`/jobs/runs/${encodeURIComponent(run.id)}`),
      onData: (state) => {
        if (state.status === 'running') return false;
        result.replace(runInWords(state, Date.now()));
        return true;
      },
      onRefusal: (error) => {
        result.replace({ kind: 'unknown', text: phrase`${run.job}: ${error.inWords}` });
      },
    });
  }

  /**
   * Looks for the run of a call that was not answered, and follows it.
   *
   * @param before the job as it was when the call was made.
   */
  lookFor(before: Job, shown: Result): void {
    const { name } = before;
    const untilMs = performance.now() + LOOK_FOR_MS;
    this.#poll({
      load: () => this.client.admin<Jobs>('/jobs'),
      onData: ({ jobs }) => {
        const job = jobs.find((each) => each.name === name);
        const trace = job ? traceOf(job, before) : ({ kind: 'nothing' } as const);
        if (trace.kind === 'running') {
          // Without an id it can only be looked at again.
          if (trace.id === undefined) return false;
          const run = {
            id: trace.id,
            job: name,
            status: 'running' as const,
            started_at: null,
            run_by: trace.holder,
            result: null,
            message: null,
          };
          this.follow(run, shown.replace(runInWords(run, Date.now())));
          return true;
        }
        if (trace.kind === 'ended') {
          shown.replace(trace.result);
          return true;
        }
        if (performance.now() < untilMs) return false;
        shown.replace({
          kind: 'unknown',
          text: phrase`${name}: no run was seen in the minute after the call. It seems not to have begun; look at the jobs before you run it again.`,
        });
        return true;
      },
      onRefusal: (error) => {
        shown.replace({ kind: 'unknown', text: phrase`${name}: ${error.inWords}` });
      },
    });
  }

  /** @param on.onData returns whether it has seen enough. */
  #poll<Data>(on: {
    load: () => Promise<Data>;
    onData: (data: Data) => boolean;
    onRefusal: (error: ApiError) => void;
  }): void {
    const { signal, onEnd, onError } = this.hooks;
    const poller = new Poller<Data>({
      visibility: pageVisibility,
      load: on.load,
      periodMs: () => PERIOD_MS,
      onData: (data) => {
        if (!on.onData(data)) return;
        poller.stop();
        onEnd();
      },
      onError: (error) => {
        onError(error);
        // Anything else may be over at the next look.
        if (error.options.code !== 'RUN_NOT_FOUND') return;
        poller.stop();
        on.onRefusal(error);
      },
    });
    signal.addEventListener('abort', () => {
      poller.stop();
    });
    if (!signal.aborted) poller.start();
  }
}
