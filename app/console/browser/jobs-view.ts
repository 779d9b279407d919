import type { Control, Job, JobRunState, Jobs, RollbackPage } from '../model/api-types';
import { resumePlan, type ResumePlan } from '../model/resume-plan';
import { endInWords } from '../model/run-words';
import { clockTime, countsInWords, duration, plainWords, relativeTime } from '../model/words';
import type { Actions } from './actions';
import type { Question } from './confirmation';
import { byId, element, show } from './dom';
import { isolated } from './foreign-text';
import type { RunWatch } from './run-watch';
import { table } from './table';

/** A run that takes longer is followed. */
const PREFER = 'respond-async, wait=3';
/** Longer than a load balancer waits: an API of an earlier release answers only when the run has ended. */
const RUN_TIMEOUT_MS = 75_000;

const WHAT_A_RUN_DOES: Record<string, string> = {
  sync: 'It reads the portal’s list of accounts: new ones join the pool, those that are missing for the second time leave it.',
  cleanup:
    'It deletes in the portal, for good, the accounts that were given back or have expired. That can take minutes.',
  'auto-delete-stale':
    'It removes from the table the rows that have been stale for longer than the configured time. The portal is not touched.',
};

/** The jobs, and what can be done with them. */
export class JobsView {
  #jobs?: Jobs;
  #rollbacks?: RollbackPage;

  constructor(
    private readonly actions: Actions,
    private readonly runs: RunWatch,
    private readonly environmentName: string,
  ) {}

  setRollbacks(rollbacks: RollbackPage, nowMs: number): void {
    this.#rollbacks = rollbacks;
    if (this.#jobs) this.show(this.#jobs, nowMs);
  }

  show(jobs: Jobs, nowMs: number): void {
    this.#jobs = jobs;
    show(byId('runner'), ...this.#runner(jobs.runner, nowMs));
    show(
      byId('jobs'),
      table({
        caption: 'Background jobs',
        columns: ['Job', 'Last run', 'How it ended', 'What it did', 'Next due', 'Run now'],
        emptyText: 'No jobs.',
        rows: jobs.jobs.map((job) => ({ cells: this.#cells(job, jobs.runner, nowMs) })),
      }),
    );
  }

  #cells(job: Job, control: Control, nowMs: number): (Node | string | null)[] {
    const { last_run: run, lease } = job;
    const isFrozen = control.runner === 'none' || control.runner === 'unknown';
    const due =
      job.next_due_at === null ? 'when somebody runs the jobs' : relativeTime(job.next_due_at, nowMs);
    return [
      job.name,
      run ? `${relativeTime(run.started_at, nowMs)}, took ${duration(run.duration_ms / 1000)}` : 'never',
      outcomeCell(job, nowMs),
      run
        ? element(
            'div',
            {},
            countsInWords(run.counts),
            element('div', { class: 'quiet' }, 'by ', isolated(run.run_by, 'holder')),
          )
        : null,
      lease
        ? element(
            'div',
            {},
            element('strong', {}, 'running now'),
            element('div', { class: 'quiet' }, 'in ', isolated(lease.holder, 'holder')),
          )
        : isFrozen
          ? 'frozen'
          : due,
      this.#runButton(job, lease !== null),
    ];
  }

  #runButton(job: Job, isRunning: boolean): HTMLElement | string {
    const { name } = job;
    // The API has no call for it: expiry needs nobody's help.
    if (!(name in WHAT_A_RUN_DOES)) return 'runs by itself only';
    const button = element(
      'button',
      { type: 'button', 'data-key': `run-${name}`, disabled: isRunning, 'aria-label': `Run ${name} now` },
      'Run',
    );
    button.addEventListener('click', () => void this.#run(job));
    return button;
  }

  async #run(before: Job): Promise<void> {
    const { name } = before;
    const frozen =
      this.#jobs?.runner.runner === 'none'
        ? ['The jobs are frozen. This run happens all the same, and they stay frozen after it.']
        : [];
    const lease = 'It takes the job’s lease, so that nobody else runs it at the same time.';
    await this.actions.ask(
      {
        title: `Run ${name} now?`,
        text: [WHAT_A_RUN_DOES[name] ?? '', ...frozen, lease],
        agree: `Run ${name}`,
        ifUnknown: 'It may be running all the same: this page looks for the run.',
      },
      async (client) => {
        const answer = await client.admin<RunAnswer>(`/${name}`, {
          method: 'POST',
          prefer: PREFER,
          timeoutMs: RUN_TIMEOUT_MS,
        });
        if (answer.status === 'running') {
          this.runs.follow(answer.run);
          return undefined;
        }
        const { status, duration_ms, error = null, ...counts } = answer;
        return endInWords(name, status, { duration_ms, error, counts });
      },
      (shown) => {
        this.runs.lookFor(before, shown);
      },
    );
  }

  #runner(control: Control, nowMs: number): Node[] {
    const { runner, since, changed_by: by, reason } = control;
    const isFrozen = runner === 'none' || runner === 'unknown';
    const who = {
      worker: 'The worker runs the jobs',
      api: 'The API runs the jobs, in the worker’s place',
      none: 'Nobody runs the jobs: they are frozen',
      unknown: 'Who runs the jobs is not known to this release, so nobody does',
    }[runner];
    const when = since === null ? '' : ` since ${clockTime(since, nowMs)}`;
    const button = element(
      'button',
      { type: 'button', 'data-key': 'runner' },
      isFrozen ? 'Resume the jobs' : 'Freeze the jobs',
    );
    button.addEventListener('click', () => void (isFrozen ? this.#resume() : this.#freeze()));
    const plan = resumePlan(this.#rollbacks, this.environmentName);
    return [
      element(
        'div',
        { class: 'row spread' },
        element(
          'p',
          {},
          element('strong', {}, `${who}${when}`),
          ...(by === null ? [] : [', by ', isolated(by)]),
          ...(reason === null ? [] : [': “', isolated(reason), '”']),
          '.',
        ),
        button,
      ),
      ...workerNote(plan),
    ];
  }

  async #freeze(): Promise<void> {
    const question: Question = {
      title: 'Freeze the jobs?',
      text: [
        'Nobody runs sync, cleanup, expiry and the removal of stale rows until somebody resumes them. Students go on getting sandboxes; used ones are not deleted meanwhile, and new ones do not join the pool.',
        'Every process notices within 10 s. A run under way is finished first.',
      ],
      agree: 'Freeze',
      isReasonNeeded: true,
    };
    await this.actions.ask(question, async (client, reason) => {
      await client.admin('/jobs/runner', { method: 'PUT', body: { runner: 'none', reason } });
      return 'The jobs are frozen.';
    });
  }

  async #resume(): Promise<void> {
    const rollbacks = this.#rollbacks;
    if (!rollbacks) {
      this.actions.refuse(
        'Whether the worker is stopped is not known yet. Wait until “What alarms and people did” is there.',
      );
      return;
    }
    const { runner, command } = resumePlan(rollbacks, this.environmentName);
    const question: Question = {
      title: 'Resume the jobs?',
      text: [
        runner === 'worker'
          ? 'The worker runs the jobs again, within 10 s.'
          : 'The worker is stopped, so the API runs the jobs in its place, within 10 s.',
        ...(command === undefined
          ? []
          : [
              `The API may not start the worker, and so neither may this page. Afterwards, or instead, run: ${command}`,
            ]),
      ],
      agree: runner === 'worker' ? 'Give them to the worker' : 'Give them to the API',
      isReasonNeeded: true,
    };
    await this.actions.ask(question, async (client, reason) => {
      await client.admin('/jobs/runner', { method: 'PUT', body: { runner, reason } });
      return runner === 'worker' ? 'The worker runs the jobs again.' : 'The API runs the jobs.';
    });
  }
}

/** A run that has ended has its counts beside these fields. */
type RunAnswer =
  | { status: 'running'; run: JobRunState }
  | { status: 'completed' | 'guarded' | 'stopped'; duration_ms: number; error?: string };

function workerNote({ command }: ResumePlan): Node[] {
  if (command === undefined) return [];
  return [
    element(
      'p',
      { class: 'note' },
      'The worker is stopped. Only a person can start it again, with rights that the API does not have: ',
      element('code', {}, command),
    ),
  ];
}

function outcomeCell(
  { last_run: run, last_success_at: successAt, problem = null }: Job,
  nowMs: number,
): Node | string {
  if (!run) return problem === null ? '' : isolated(problem);
  const isFine = run.outcome === 'success' || run.outcome === 'stopped';
  return element(
    'div',
    {},
    element('span', { class: `badge ${isFine ? 'good' : 'bad'}` }, plainWords(run.outcome)),
    run.error !== null && element('div', {}, isolated(run.error)),
    problem !== null && element('div', {}, isolated(problem)),
    !isFine &&
      element(
        'div',
        { class: 'quiet' },
        successAt === null ? 'never succeeded' : `last success ${relativeTime(successAt, nowMs)}`,
      ),
  );
}
