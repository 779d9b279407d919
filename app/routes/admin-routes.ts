import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { AdminService } from '../admin/admin-service';
import { runId, type JobRunState, type RunStatus } from '../admin/job-run-state';
import type { JobsService, JobState } from '../admin/jobs-service';
import { isGivenUp, isInDeletion, type Sandbox } from '../allocation/sandbox';
import { SandboxNotFoundError } from '../errors';
import type { Job } from '../jobs/job';
import { ignoredBody, jsonBody } from '../middleware/body';
import { methodNotAllowed } from '../middleware/error-handler';
import { factsOf } from '../middleware/request-log';
import type { JobsControl, LastRun } from '../store/job-store';
import {
  runnerBody,
  staleQuery,
  type JobBody,
  type JobsControlBody,
  type JobsOverviewBody,
} from './contract/job-operations';
import type { JobRunBody, RunStateBody, RunUnderWayBody } from './contract/job-run-schemas';
import {
  bulkDeleteQuery,
  listQuery,
  type AdminSandboxBody,
  type BulkDeletionBody,
  type SandboxPageBody,
  type StatsBody,
} from './contract/pool-operations';
import { syncQuery } from './contract/sync-query';
import { named } from './named';
import { parseInput } from './parse-input';
import { waitPreference } from './prefer';
import { answer, sandboxBody, sandboxIdFor } from './sandbox-body';
import { statsBody } from './stats-body';

/** How soon a run that is under way is worth asking after again. */
const FOLLOW_AFTER_SECONDS = 2;

/** The jobs that admins can start, made with what they say. */
export interface AdminJobs {
  sync: Job;
  /** Binds the table to the portal first, if it is bound to none. */
  initialisingSync: Job;
  cleanup: Job;
  /** With another grace period than the configured one, if given. */
  autoDeleteStale: (gracePeriodSeconds?: number) => Job;
}

export interface AdminRouteDependencies {
  basePath: string;
  /** After which a call answers that its work goes on, or is not complete. */
  adminWaitMs: number;
  admin: AdminService;
  jobsService: JobsService;
  jobs: AdminJobs;
  /** What an admin's request must pass before its route. */
  guards: RequestHandler[];
}

/** The calls that admins make, below `/admin`. */
export function adminRoutes(dependencies: AdminRouteDependencies): Router {
  const { basePath, adminWaitMs, admin, jobsService, jobs, guards } = dependencies;
  const router = Router({ caseSensitive: true });
  const route = (action: string, path: string): ReturnType<Router['route']> =>
    router.route(path).all(named(action, `${basePath}/admin${path}`), ...guards);

  route('list_sandboxes', '/sandboxes')
    .get(async (request, response) => {
      const { status, caller, name_prefix: namePrefix, limit, cursor } = parseInput(listQuery, request.query);
      const page = await admin.list({ status, caller, namePrefix }, limit, cursor);
      answer<SandboxPageBody>(response, {
        sandboxes: page.sandboxes.map(adminSandboxBody),
        count: page.sandboxes.length,
        cursor: page.cursor ?? null,
        unreadable: page.unreadable,
        unread_shards: page.unreadShards,
      });
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  route('get_any_sandbox', '/sandboxes/:id')
    .get(async (request, response) => {
      answer<AdminSandboxBody>(response, adminSandboxBody(await admin.get(sandboxIdFor(request, response))));
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  route('stats', '/stats')
    .get(async (_request, response) => {
      const [stats, listedAfterDeletion] = await Promise.all([
        admin.stats(),
        jobsService.listedAfterDeletion(),
      ]);
      answer<StatsBody>(response, statsBody(stats, listedAfterDeletion));
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  const run = async (request: Request, response: Response, job: Job): Promise<void> => {
    const { waitMs, isAsync } = waitPreference(request.get('Prefer'), adminWaitMs);
    const progress = await jobsService.run(job, waitMs);
    if (progress.kind === 'running') {
      response.status(202).set({
        Location: `${basePath}/admin/jobs/runs/${progress.run.id}`,
        'Retry-After': String(FOLLOW_AFTER_SECONDS),
        ...(isAsync ? { 'Preference-Applied': 'respond-async' } : {}),
      });
      factsOf(response).outcome = 'running';
      answer<RunUnderWayBody>(response, { status: 'running', run: runStateBody(progress.run) });
      return;
    }
    const { outcome, counts, durationMs, error } = progress.run;
    const status = outcome === 'success' ? 'completed' : outcome;
    answer(response, {
      status,
      ...counts,
      duration_ms: durationMs,
      ...(error === undefined ? {} : { error }),
    });
  };

  route('run_sync', '/sync')
    .post(ignoredBody, async (request, response) => {
      const { initialise } = parseInput(syncQuery, request.query);
      await run(request, response, initialise === 'true' ? jobs.initialisingSync : jobs.sync);
    })
    .all(methodNotAllowed('POST'));

  route('run_cleanup', '/cleanup')
    .post(ignoredBody, async (request, response) => run(request, response, jobs.cleanup))
    .all(methodNotAllowed('POST'));

  route('run_auto_delete_stale', '/auto-delete-stale')
    .post(ignoredBody, async (request, response) => {
      const { grace_period_hours: hours } = parseInput(staleQuery, request.query);
      await run(request, response, jobs.autoDeleteStale(hours === undefined ? undefined : hours * 3_600));
    })
    .all(methodNotAllowed('POST'));

  route('bulk_delete', '/bulk-delete')
    .post(ignoredBody, async (request, response) => {
      const { status } = parseInput(bulkDeleteQuery, request.query);
      const { deleted, refused, isComplete } = await admin.bulkDelete(status, adminWaitMs);
      answer<BulkDeletionBody>(response, {
        status: isComplete ? 'completed' : 'partial',
        deleted,
        ...(refused === 0 ? {} : { refused }),
      });
    })
    .all(methodNotAllowed('POST'));

  route('retry_deletion', '/sandboxes/:id/retry-deletion')
    .post(ignoredBody, async (request, response) => {
      answer<AdminSandboxBody>(
        response,
        adminSandboxBody(await admin.retryDeletion(sandboxIdFor(request, response))),
      );
    })
    .all(methodNotAllowed('POST'));

  route('list_jobs', '/jobs')
    .get(async (_request, response) => {
      const { control, jobs: states } = await jobsService.overview();
      answer<JobsOverviewBody>(response, { runner: controlBody(control), jobs: states.map(jobBody) });
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  route('get_job_run', '/jobs/runs/:id')
    .get(async (request, response) => {
      const state = await jobsService.follow(String(request.params.id));
      if (state.status === 'running') response.set('Retry-After', String(FOLLOW_AFTER_SECONDS));
      answer<RunStateBody>(response, runStateBody(state));
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  route('set_jobs_runner', '/jobs/runner')
    .put(jsonBody, async (request, response) => {
      const { runner, reason } = parseInput(runnerBody, request.body);
      factsOf(response).outcome = `runner_${runner}`;
      answer<JobsControlBody>(
        response,
        controlBody(await jobsService.setRunner(runner, reason, 'admin API')),
      );
    })
    .all(methodNotAllowed('PUT'));

  return router;
}

/** A sandbox as admins see it: the holder's view, and what only they may know. */
function adminSandboxBody(sandbox: Sandbox): AdminSandboxBody {
  if (sandbox.status === 'deleted') throw new SandboxNotFoundError();
  const isDeletion = isInDeletion(sandbox);
  const isLeft = sandbox.status === 'deletion_failed' && isGivenUp(sandbox);
  return {
    ...sandboxBody(sandbox),
    status: sandbox.status,
    allocated_to_track: ('allocation' in sandbox ? sandbox.allocation?.caller : undefined) ?? null,
    idempotency_key: ('allocation' in sandbox ? sandbox.allocation?.idempotencyKey : undefined) ?? null,
    deletion_retry_count: isDeletion ? sandbox.deletionRetryCount : null,
    deletion_given_up: isLeft,
    next_attempt_at: isDeletion && !isLeft ? sandbox.nextAttemptAt : null,
    deletion_sent_at: sandbox.status === 'deletion_unconfirmed' ? sandbox.deletionSentAt : null,
    stale_since: sandbox.status === 'stale' ? sandbox.staleSince : null,
    missed_syncs: sandbox.missedSyncs,
    last_synced: sandbox.lastSynced ?? null,
    created_at: sandbox.createdAt,
    updated_at: sandbox.updatedAt,
    version: sandbox.version,
  };
}

function controlBody({ runner, since, changedBy, reason }: JobsControl): JobsControlBody {
  return { runner, since: since ?? null, changed_by: changedBy ?? null, reason: reason ?? null };
}

function jobBody({ name, intervalSeconds, lastRun, lease, problems }: JobState): JobBody {
  return {
    name,
    interval_seconds: intervalSeconds,
    last_run: lastRun ? runBody(lastRun) : null,
    last_success_at: lastRun?.lastSuccessAt ?? null,
    next_due_at: lastRun?.nextDueAt ?? null,
    lease: lease
      ? {
          holder: lease.holder,
          expires_at: Math.floor(lease.expiresAtMs / 1000),
          run_id: runId(lease.job, lease.fencingNumber),
        }
      : null,
    problem: problems.length > 0 ? problems.join(' ') : null,
  };
}

/** Why there is no result, where none will come. */
const NO_RESULT: Record<RunStatus, string | null> = {
  running: null,
  ended: null,
  superseded:
    'A later run of this job has been recorded since. How this one ended is in the logs, in its line “job run”.',
  lost: 'Its lease is over and it has left no record: its process ended, or could not reach the table. What it did is done; the job runs again when it is due.',
};

function runStateBody({ id, job, status, startedAt, runBy, result }: JobRunState): RunStateBody {
  return {
    id,
    job,
    status,
    started_at: startedAt ?? null,
    run_by: runBy ?? null,
    result: result ? runBody(result) : null,
    message: NO_RESULT[status],
  };
}

function runBody({ startedAt, durationMs, outcome, counts, error, runBy }: LastRun): JobRunBody {
  return {
    started_at: startedAt,
    duration_ms: durationMs,
    outcome,
    counts,
    error: error ?? null,
    run_by: runBy,
  };
}
