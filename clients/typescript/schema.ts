/* eslint-disable -- generated: npm run client:generate */
// The broker's API, from its OpenAPI document.

export interface paths {
  '/allocate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Get a sandbox
     * @description Gives the caller a sandbox of their own. Repeating the call with the same headers is always safe, also after a lost answer: until it is given back or its time is over, the answer is the same sandbox.
     */
    post: operations['allocate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sandboxes/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Look at a sandbox
     * @description Shows a sandbox to whoever has it, or had it last.
     */
    get: operations['getSandbox'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sandboxes/{id}/mark-for-deletion': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a sandbox back
     * @description Takes the sandbox back; it is deleted soon after. Repeating the call is safe, also when its time was over first.
     */
    post: operations['markForDeletion'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/sandboxes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List sandboxes
     * @description Walking `cursor` to its end shows every row that was there all the time, whatever the pool’s size. Each list is read from an index that may lag by a moment.
     */
    get: operations['listSandboxes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/sandboxes/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Look at any sandbox
     * @description One sandbox, whoever has it, as the table has it at this moment.
     */
    get: operations['getAnySandbox'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/stats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Count the pool
     * @description Counts every row, whatever the pool’s size. That reads a whole index: do not poll it by the second. Part of the index that does not answer leaves only its own status uncounted.
     */
    get: operations['getStats'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/bulk-delete': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Remove rows
     * @description Removes the rows of a status from the table; the portal is not touched. Those whose deletion failed leave tombstones, so that a sync does not hand a used account to the next student. Repeat it while it answers `partial`.
     */
    post: operations['bulkDelete'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/sandboxes/{id}/retry-deletion': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Try a deletion again
     * @description Gives a sandbox whose deletion failed, or is unconfirmed, all its attempts anew. The next cleanup takes it.
     */
    post: operations['retryDeletion'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See how the jobs went
     * @description Each job’s last run, when it is due again, who is at it now, and who runs them all.
     */
    get: operations['listJobs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/jobs/runs/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow a run
     * @description How far a run has come, whichever process has it. Only the newest record of a job is kept: ask before the next run.
     */
    get: operations['getJobRun'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/jobs/runner': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Say who runs the jobs
     * @description Every process notices within 10 seconds. A run under way is finished.
     */
    put: operations['setJobsRunner'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/sync': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sync with the portal now
     * @description Brings the pool into line with the portal’s list. Answers 200 when the job has ended; 202 if that takes longer than the call waits, 12 seconds as delivered.
     */
    post: operations['runSync'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/cleanup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Delete in the portal now
     * @description Deletes in the portal what was given back and is due. Answers 200 when the job has ended; 202 if that takes longer than the call waits, 12 seconds as delivered. A deletion counts once a later list of the portal does not name the account any more.
     */
    post: operations['runCleanup'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/auto-delete-stale': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Remove stale rows now
     * @description Removes rows that have been stale for long. Answers 200 when the job has ended; 202 if that takes longer than the call waits, 12 seconds as delivered.
     */
    post: operations['runAutoDeleteStale'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/rollbacks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See what alarms and people did
     * @description The rollbacks, freezes and resumes of the last 400 days, newest first, and whether the worker is stopped.
     */
    get: operations['listRollbacks'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/alarms': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * See the alarms
     * @description The CloudWatch alarms of this environment. Where there are none, or they cannot be read, the answer says why. An answer stands for ten seconds.
     */
    get: operations['listAlarms'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Does the process live?
     * @description Load balancer and container checks use this one. It does not ask the table, so that a brownout of DynamoDB does not have every task killed.
     */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Could it serve a student now?
     * @description Asks the table as well. An alarm watches it.
     */
    get: operations['getReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Metrics of this process
     * @description Prometheus text. The pool is counted at most once a minute, however often this is scraped.
     */
    get: operations['getMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/openapi.json': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * This document
     * @description OpenAPI 3.1. The page at `docs`, beside it, shows it to people.
     */
    get: operations['getOpenApi'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    RunnerChange: {
      /**
       * @description Who runs them from now on; `none` freezes them.
       * @enum {string}
       */
      runner: 'worker' | 'api' | 'none';
      /**
       * @description Why, for whoever finds it changed.
       * @example portal maintenance
       */
      reason: string;
    };
    /** @description There is no such call. Check the path, and the base path in front of it. */
    RouteNotFoundError: {
      /** @constant */
      code: 'ROUTE_NOT_FOUND';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description This path takes POST only. */
    MethodNotAllowedError: {
      /** @constant */
      code: 'METHOD_NOT_ALLOWED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description The sandbox that the caller has now. */
    Allocation: {
      /**
       * @description The portal’s number for the account, as text.
       * @example 2009537
       */
      sandbox_id: string;
      /**
       * @description As the portal names it. Escape it before it is shown on a page.
       * @example csp-sandbox-0017
       */
      name: string;
      /**
       * @description The portal’s own path for the account.
       * @example identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d
       */
      external_id: string;
      /**
       * @description When it was allocated. Unix seconds.
       * @example 1795439003
       */
      allocated_at: number;
      /**
       * @description When the lab ends. After a grace period it is taken back. Unix seconds.
       * @example 1795453403
       */
      expires_at: number;
      /**
       * @description The Salesforce account, if it has one.
       * @example 001BE91C4A
       */
      sfdc_account_id: string | null;
    };
    /** @description The request is malformed. Check its path, its headers and its body. */
    BadRequestError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'BAD_REQUEST';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description Say who is calling: send X-Instruqt-Sandbox-ID (or, from old scripts, X-Track-ID). */
    ValidationError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'VALIDATION_ERROR';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      details: {
        /** @description The header at fault. */
        header?: string;
        /** @description The parameter or field at fault. */
        parameter?: string;
      };
    };
    /** @description A valid token is needed: send "Authorization: Bearer <token>". */
    UnauthorizedError: {
      /** @constant */
      code: 'UNAUTHORIZED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    ForbiddenError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'FORBIDDEN';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description No sandbox is available. Try again later, or ask the platform team to add sandboxes. */
    NoSandboxesAvailableError: {
      /** @constant */
      code: 'NO_SANDBOXES_AVAILABLE';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description Seconds, as in `Retry-After`. */
      retry_after: number;
    };
    /** @description The body is too large. This call needs none. */
    PayloadTooLargeError: {
      /** @constant */
      code: 'PAYLOAD_TOO_LARGE';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description Too many requests. Wait as long as Retry-After says, then go on more slowly. */
    RateLimitExceededError: {
      /** @constant */
      code: 'RATE_LIMIT_EXCEEDED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description Seconds, as in `Retry-After`. */
      retry_after: number;
    };
    /** @description Something went wrong on our side. Report the request_id to the platform team. */
    InternalError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'INTERNAL_ERROR';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description Too many callers at once. Try again with the same Idempotency-Key: you will not get two sandboxes. */
    AllocationContendedError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'ALLOCATION_CONTENDED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description Seconds, as in `Retry-After`. */
      retry_after: number;
    };
    /** @description The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
    ServiceUnavailableError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'SERVICE_UNAVAILABLE';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description Seconds, as in `Retry-After`. */
      retry_after: number;
    };
    /** @description A sandbox as its holder sees it. */
    Sandbox: {
      /**
       * @description The portal’s number for the account, as text.
       * @example 2009537
       */
      sandbox_id: string;
      /**
       * @description As the portal names it. Escape it before it is shown on a page.
       * @example csp-sandbox-0017
       */
      name: string;
      /**
       * @description The portal’s own path for the account.
       * @example identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d
       */
      external_id: string;
      status: components['schemas']['SandboxStatus'];
      /**
       * @description The lab’s name, if it was sent.
       * @example intro-to-labs
       */
      track_name: string | null;
      allocated_at: number | null;
      expires_at: number | null;
      deletion_requested_at: number | null;
      /**
       * @description The Salesforce account, if it has one.
       * @example 001BE91C4A
       */
      sfdc_account_id: string | null;
    };
    /**
     * @description `available`: can be allocated. `allocated`: a student has it. `pending_deletion`: given back or expired, and soon deleted. `deletion_failed`: the portal refused. `stale`: the portal does not list it any more.
     * @enum {string}
     */
    SandboxStatus: 'available' | 'allocated' | 'pending_deletion' | 'deletion_failed' | 'stale';
    /** @description This sandbox is not allocated to you. Send the X-Instruqt-Sandbox-ID that it was allocated with. */
    NotSandboxOwnerError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'NOT_SANDBOX_OWNER';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description There is no sandbox with this id, or it has been deleted. Use the sandbox_id that allocate answered with. */
    SandboxNotFoundError: {
      /** @constant */
      code: 'SANDBOX_NOT_FOUND';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description The time of this sandbox is over; it is deleted automatically. There is nothing left to do. */
    AllocationExpiredError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'ALLOCATION_EXPIRED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description A part of the list. */
    SandboxPage: {
      sandboxes: components['schemas']['AdminSandbox'][];
      /**
       * @description How many this page has. A page with none may have a cursor.
       * @example 1
       */
      count: number;
      /**
       * @description Where to go on; null at the end.
       * @example WyJqR2RrSkVmUCIsNyxudWxsXQ
       */
      cursor: string | null;
      /** @description The ids of rows that belong here and cannot be read: another release, or a person, wrote them. */
      unreadable: string[];
      /**
       * @description Parts of the index that did not answer and were passed over: their rows are missing here.
       * @example 0
       */
      unread_shards: number;
    };
    /** @description A sandbox as admins see it. */
    AdminSandbox: {
      /**
       * @description The portal’s number for the account, as text.
       * @example 2009537
       */
      sandbox_id: string;
      /**
       * @description As the portal names it. Escape it before it is shown on a page.
       * @example csp-sandbox-0017
       */
      name: string;
      /**
       * @description The portal’s own path for the account.
       * @example identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d
       */
      external_id: string;
      status: components['schemas']['AdminSandboxStatus'];
      /**
       * @description The lab’s name, if it was sent.
       * @example intro-to-labs
       */
      track_name: string | null;
      allocated_at: number | null;
      expires_at: number | null;
      deletion_requested_at: number | null;
      /**
       * @description The Salesforce account, if it has one.
       * @example 001BE91C4A
       */
      sfdc_account_id: string | null;
      /**
       * @description The caller that has it, or had it last.
       * @example student-1
       */
      allocated_to_track: string | null;
      /**
       * @description The key that it was allocated with.
       * @example student-1
       */
      idempotency_key: string | null;
      /**
       * @description How many attempts to delete it have failed.
       * @example 0
       */
      deletion_retry_count: number | null;
      /** @description No job tries any more. Call retry-deletion when the cause is gone. */
      deletion_given_up: boolean;
      next_attempt_at: number | null;
      deletion_sent_at: number | null;
      stale_since: number | null;
      /**
       * @description Syncs in a row that did not list it.
       * @example 0
       */
      missed_syncs: number;
      last_synced: number | null;
      /**
       * @description When a sync first found it. Unix seconds.
       * @example 1795439003
       */
      created_at: number;
      /**
       * @description When it last changed. Unix seconds.
       * @example 1795439003
       */
      updated_at: number;
      /**
       * @description Grows by one with every change.
       * @example 2
       */
      version: number;
    };
    /**
     * @description As `SandboxStatus`, and besides `deletion_unconfirmed`: the portal accepted the deletion or did not find the account, but no later list has confirmed that it is gone.
     * @enum {string}
     */
    AdminSandboxStatus:
      'available' | 'allocated' | 'pending_deletion' | 'deletion_unconfirmed' | 'deletion_failed' | 'stale';
    /** @description The row of this sandbox cannot be read, so that no job touches it. Correct or remove it. status is not one that this release knows. */
    SandboxUnreadableError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'SANDBOX_UNREADABLE';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description How many sandboxes there are in each status; null where that could not be counted. */
    PoolStats: {
      /** @description All rows but tombstones. Null unless every status was counted. */
      total: number | null;
      available: number | null;
      allocated: number | null;
      pending_deletion: number | null;
      /** @description Deletions that the portal accepted, and that no later list has confirmed yet. */
      deletion_unconfirmed: number | null;
      deletion_failed: number | null;
      stale: number | null;
      /** @description Of `deletion_failed`: those that no job tries any more. */
      deletion_given_up: number | null;
      /**
       * @description Accounts that count as deleted and that the portal listed all the same, as the last sync found. Null when that sync did not compare, or its record could not be read.
       * @example 0
       */
      listed_after_deletion: number | null;
      /**
       * @description The counts above that are null because part of the table did not answer. Absent when all of it did.
       * @example [
       *       "stale"
       *     ]
       */
      uncounted?: string[];
    };
    /** @description How many rows are gone. */
    BulkDeletion: {
      /**
       * @description `partial`: the time for an answer was over before all rows were. Call again to go on.
       * @enum {string}
       */
      status: 'completed' | 'partial';
      /** @description Rows removed by this call. */
      deleted: number;
      /** @description Rows that the table did not accept; the log names them. */
      refused?: number;
    };
    /** @description This sandbox is allocated: only one whose deletion has failed or is unconfirmed can be tried again. */
    DeletionNotFailedError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'DELETION_NOT_FAILED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description Who runs the jobs, and how they went. */
    JobsOverview: {
      runner: components['schemas']['JobsRunner'];
      jobs: components['schemas']['Job'][];
    };
    /** @description Who runs the jobs. */
    JobsRunner: {
      /**
       * @description `none` while they are frozen. `unknown`: another release or a person wrote a runner that this one does not know; nobody runs them.
       * @enum {string}
       */
      runner: 'worker' | 'api' | 'none' | 'unknown';
      since: number | null;
      /**
       * @description By whose word.
       * @example admin API
       */
      changed_by: string | null;
      /**
       * @description Why.
       * @example portal maintenance
       */
      reason: string | null;
    };
    /** @description A background job. */
    Job: {
      /** @enum {string} */
      name: 'sync' | 'cleanup' | 'auto-expiry' | 'auto-delete-stale';
      /**
       * @description From one run to the next.
       * @example 300
       */
      interval_seconds: number;
      last_run: components['schemas']['JobRun'] | null;
      last_success_at: number | null;
      next_due_at: number | null;
      /** @description Who is at it now. */
      lease: {
        /** @example worker-3f2a */
        holder: string;
        /**
         * @description Until when, unless renewed. Unix seconds.
         * @example 1795439003
         */
        expires_at: number;
        /**
         * @description Names the run: the job, and a number that grows.
         * @example cleanup-17
         */
        run_id: string;
      } | null;
      /**
       * @description What in its records cannot be read or believed. The job runs all the same.
       * @example Its next due time lies too far in the future to be right: the job is due now.
       */
      problem: string | null;
    };
    /** @description A job’s run. */
    JobRun: {
      /**
       * @description When it began. Unix seconds.
       * @example 1795439003
       */
      started_at: number;
      /**
       * @description Milliseconds.
       * @example 1250
       */
      duration_ms: number;
      /**
       * @description `guarded`: it did what was safe, and refused the rest. `stopped`: asked to end before it was done. `unavailable`: the portal, or the sandbox table, was out of reach; `error` says which. `unknown`: another release wrote an outcome that this one does not know.
       * @enum {string}
       */
      outcome: 'success' | 'guarded' | 'stopped' | 'unavailable' | 'failed' | 'unknown';
      /**
       * @description What was done.
       * @example {
       *       "deleted": 3,
       *       "unconfirmed": 0,
       *       "failed": 0,
       *       "postponed": 0,
       *       "skipped": 0
       *     }
       */
      counts: {
        [key: string]: number;
      };
      /** @description Why it failed. */
      error: string | null;
      /**
       * @description Which process ran it.
       * @example worker-3f2a
       */
      run_by: string;
    };
    /** @description How far a run has come. */
    JobRunState: {
      /**
       * @description Names the run: the job, and a number that grows.
       * @example cleanup-17
       */
      id: string;
      /** @enum {string} */
      job: 'sync' | 'cleanup' | 'auto-expiry' | 'auto-delete-stale';
      /**
       * @description `running`: its lease holds. `ended`: `result` says how. `superseded`: a later run was recorded in its place. `lost`: its lease is over, and it has left no record.
       * @enum {string}
       */
      status: 'running' | 'ended' | 'superseded' | 'lost';
      started_at: number | null;
      /**
       * @description Which process runs it, or ran it.
       * @example api/task/1/3f2a
       */
      run_by: string | null;
      /** @description Of a run that has ended. */
      result: components['schemas']['JobRun'] | null;
      /**
       * @description Why there is no result, where none will come.
       * @example null
       */
      message: string | null;
    };
    /** @description There is no run with this id. Use the id that sync, cleanup or auto-delete-stale answered with. */
    RunNotFoundError: {
      /** @constant */
      code: 'RUN_NOT_FOUND';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
    };
    /** @description How the run ended, and what it did. */
    SyncRun:
      | {
          /** @constant */
          status: 'completed';
          /** @description Sandboxes that the portal listed. */
          listed: number;
          /** @description New ones. */
          added: number;
          /** @description With another name or number than before. */
          updated: number;
          /** @description Stale ones that are listed again. */
          restocked: number;
          /** @description Not listed, for the first time. */
          missed: number;
          /** @description Not listed again: nobody gets them any more. */
          stale: number;
          /** @description Rows and accounts that contradict each other about who is who. They were skipped; the log names them. */
          conflicting: number;
          /** @description Entries of the list that cannot be used. Those with a readable id count as listed. */
          unusable: number;
          /** @description Rows that the table did not accept; the log names them. */
          refused: number;
          /** @description Accounts that count as deleted, and are listed all the same. */
          listed_after_deletion: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
        }
      | {
          /**
           * @description It did what was safe, and refused the rest; `error` says why.
           * @constant
           */
          status: 'guarded';
          /** @description Sandboxes that the portal listed. */
          listed: number;
          /** @description New ones. */
          added: number;
          /** @description With another name or number than before. */
          updated: number;
          /** @description Stale ones that are listed again. */
          restocked: number;
          /** @description Not listed, for the first time. */
          missed: number;
          /** @description Not listed again: nobody gets them any more. */
          stale: number;
          /** @description Rows and accounts that contradict each other about who is who. They were skipped; the log names them. */
          conflicting: number;
          /** @description Entries of the list that cannot be used. Those with a readable id count as listed. */
          unusable: number;
          /** @description Rows that the table did not accept; the log names them. */
          refused: number;
          /** @description Accounts that count as deleted, and are listed all the same. */
          listed_after_deletion: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
          error: string;
        }
      | {
          /**
           * @description The process that ran it is ending, or lost its lease. Another goes on.
           * @constant
           */
          status: 'stopped';
          /** @description Sandboxes that the portal listed. */
          listed?: number;
          /** @description New ones. */
          added?: number;
          /** @description With another name or number than before. */
          updated?: number;
          /** @description Stale ones that are listed again. */
          restocked?: number;
          /** @description Not listed, for the first time. */
          missed?: number;
          /** @description Not listed again: nobody gets them any more. */
          stale?: number;
          /** @description Rows and accounts that contradict each other about who is who. They were skipped; the log names them. */
          conflicting?: number;
          /** @description Entries of the list that cannot be used. Those with a readable id count as listed. */
          unusable?: number;
          /** @description Rows that the table did not accept; the log names them. */
          refused?: number;
          /** @description Accounts that count as deleted, and are listed all the same. */
          listed_after_deletion?: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
        };
    /** @description The run goes on; it can be followed. */
    JobRunUnderWay: {
      /** @constant */
      status: 'running';
      run: components['schemas']['JobRunState'];
    };
    /** @description The job sync is being run already. GET admin/jobs tells by whom; try again when it has ended. */
    JobRunningError: {
      /** @constant */
      code: 'JOB_RUNNING';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description Seconds, as in `Retry-After`. */
      retry_after: number;
      details?: {
        /** @description The run under way: `admin/jobs/runs/{id}` follows it. */
        run_id: string;
      };
    };
    /** @description The portal answered with something that is no list. */
    JobFailedError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'JOB_FAILED';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description What the job did before it failed. */
      details: {
        [key: string]: number;
      };
    };
    /** @description The portal is out of reach. */
    PortalUnavailableError: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'PORTAL_UNAVAILABLE';
      /** @description What went wrong and what to do, for people. */
      message: string;
      /** @description As in `X-Request-ID`, and in our logs. */
      request_id: string;
      /** @description Seconds, as in `Retry-After`. */
      retry_after: number;
      /** @description What the job did before it failed. */
      details: {
        [key: string]: number;
      };
    };
    /** @description How the run ended, and what it did. */
    CleanupRun:
      | {
          /** @constant */
          status: 'completed';
          /** @description Confirmed: a list requested after the deletion does not name them. */
          deleted: number;
          /** @description The portal accepted the deletion or did not find the account; no list has confirmed it yet. */
          unconfirmed: number;
          /** @description An attempt was charged to them. */
          failed: number;
          /** @description Left for the next run; they lose no attempt. */
          postponed: number;
          /** @description Rows that cannot be read or written, or whose account is not theirs to delete; the log names them. */
          skipped: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
        }
      | {
          /**
           * @description It did what was safe, and refused the rest; `error` says why.
           * @constant
           */
          status: 'guarded';
          /** @description Confirmed: a list requested after the deletion does not name them. */
          deleted: number;
          /** @description The portal accepted the deletion or did not find the account; no list has confirmed it yet. */
          unconfirmed: number;
          /** @description An attempt was charged to them. */
          failed: number;
          /** @description Left for the next run; they lose no attempt. */
          postponed: number;
          /** @description Rows that cannot be read or written, or whose account is not theirs to delete; the log names them. */
          skipped: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
          error: string;
        }
      | {
          /**
           * @description The process that ran it is ending, or lost its lease. Another goes on.
           * @constant
           */
          status: 'stopped';
          /** @description Confirmed: a list requested after the deletion does not name them. */
          deleted?: number;
          /** @description The portal accepted the deletion or did not find the account; no list has confirmed it yet. */
          unconfirmed?: number;
          /** @description An attempt was charged to them. */
          failed?: number;
          /** @description Left for the next run; they lose no attempt. */
          postponed?: number;
          /** @description Rows that cannot be read or written, or whose account is not theirs to delete; the log names them. */
          skipped?: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
        };
    /** @description How the run ended, and what it did. */
    AutoDeleteStaleRun:
      | {
          /** @constant */
          status: 'completed';
          /** @description Rows removed. */
          deleted: number;
          /** @description Rows whose time cannot be right: stale from now on. */
          corrected: number;
          /** @description Rows that the table did not accept; the log names them. */
          refused?: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
        }
      | {
          /**
           * @description It did what was safe, and refused the rest; `error` says why.
           * @constant
           */
          status: 'guarded';
          /** @description Rows removed. */
          deleted: number;
          /** @description Rows whose time cannot be right: stale from now on. */
          corrected: number;
          /** @description Rows that the table did not accept; the log names them. */
          refused?: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
          error: string;
        }
      | {
          /**
           * @description The process that ran it is ending, or lost its lease. Another goes on.
           * @constant
           */
          status: 'stopped';
          /** @description Rows removed. */
          deleted?: number;
          /** @description Rows whose time cannot be right: stale from now on. */
          corrected?: number;
          /** @description Rows that the table did not accept; the log names them. */
          refused?: number;
          /**
           * @description Milliseconds.
           * @example 1250
           */
          duration_ms: number;
        };
    /** @description A part of the history. */
    RollbackPage: {
      /** @description Newest first. */
      rollbacks: components['schemas']['Rollback'][];
      count: number;
      /** @description Where to go on; null at the end. */
      cursor: string | null;
      /** @description The action that stopped the worker, while nobody has resumed it. This API cannot: `npm run broker -- resume worker` does. */
      worker_stop: components['schemas']['Rollback'] | null;
    };
    /** @description What an alarm or a person did to the worker, the jobs or the API. */
    Rollback: {
      /**
       * @description When the alarm changed its state, or the person asked. Unix seconds.
       * @example 1795439003
       */
      at: number;
      /**
       * @description `unknown`, here and below: a word of another release, or an entry that cannot be read.
       * @enum {string}
       */
      action:
        | 'rollback_worker'
        | 'freeze_api_jobs'
        | 'resume_worker'
        | 'freeze'
        | 'unfreeze'
        | 'rollback_api'
        | 'unknown';
      cause: {
        /** @enum {string} */
        kind: 'alarm' | 'person' | 'unknown';
        /** @description The alarm’s name in CloudWatch, or the person’s. */
        name: string;
        reason: string;
      };
      steps: {
        /** @enum {string} */
        step:
          | 'desired_count_parameter'
          | 'worker_service'
          | 'jobs_runner'
          | 'api_service'
          | 'confirmation'
          | 'history'
          | 'unknown';
        /** @enum {string} */
        outcome: 'done' | 'unchanged' | 'failed' | 'planned' | 'unknown';
        /**
         * @description In words for people.
         * @example 0 (was 1)
         */
        detail: string;
      }[];
      /**
       * @description Milliseconds.
       * @example 2300
       */
      duration_ms: number;
      /**
       * @description How often the event was worked on.
       * @example 1
       */
      attempts: number;
      /** @description Every step is done and told. */
      is_finished: boolean;
    };
    /** @description The alarms of this environment. */
    Alarms: {
      /** @description Whether CloudWatch could be asked. */
      available: boolean;
      /** @description Why it could not. */
      reason: string | null;
      /** @description Those in ALARM first. */
      alarms: components['schemas']['Alarm'][];
      /** @description Alarms that should exist and do not. */
      missing: string[];
    };
    /** @description An alarm as it is now. */
    Alarm: {
      /** @description As CloudWatch calls it. */
      name: string;
      /** @enum {string} */
      state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
      since: number | null;
      /** @description Why, in CloudWatch’s words. */
      reason: string | null;
      /** @description What it means, and what the system does by itself. */
      description: string | null;
      /** @description What to do about it: a path in the repository. */
      runbook: string | null;
    };
    /** @description Whether the process lives. */
    Health: {
      /** @enum {string} */
      status: 'ok' | 'starting' | 'draining';
    };
    /** @description Whether it could serve a student now. */
    Readiness: {
      /** @enum {string} */
      status: 'ready' | 'not_ready';
      /** @enum {string} */
      lifecycle: 'starting' | 'serving' | 'draining';
      checks: {
        /**
         * @description Whether the table answers. `access_denied`: the credentials or permissions of this process are not valid. `table_inaccessible`: the table is missing, or its KMS key cannot be used. A result stands for two seconds.
         * @enum {string}
         */
        dynamodb: 'ok' | 'unreachable' | 'access_denied' | 'table_inaccessible';
      };
    };
  };
  responses: {
    /** @description `ROUTE_NOT_FOUND`: There is no such call. Check the path, and the base path in front of it. */
    RouteNotFound: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['RouteNotFoundError'];
          detail: components['schemas']['RouteNotFoundError'];
        };
      };
    };
    /** @description `METHOD_NOT_ALLOWED`: This path takes POST only. */
    MethodNotAllowed: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        Allow: string;
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['MethodNotAllowedError'];
          detail: components['schemas']['MethodNotAllowedError'];
        };
      };
    };
    /**
     * @description `BAD_REQUEST`: The request is malformed. Check its path, its headers and its body.
     *
     *     `VALIDATION_ERROR`: Say who is calling: send X-Instruqt-Sandbox-ID (or, from old scripts, X-Track-ID).
     */
    InvalidRequest: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['BadRequestError'] | components['schemas']['ValidationError'];
          detail: components['schemas']['BadRequestError'] | components['schemas']['ValidationError'];
        };
      };
    };
    /** @description `UNAUTHORIZED`: A valid token is needed: send "Authorization: Bearer <token>". */
    Unauthorized: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        'WWW-Authenticate': string;
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['UnauthorizedError'];
          detail: components['schemas']['UnauthorizedError'];
        };
      };
    };
    /** @description `BAD_REQUEST`: The request did not arrive in time. */
    RequestTimeout: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "error": {
         *         "code": "BAD_REQUEST",
         *         "message": "The request is malformed. Check its path, its headers and its body.",
         *         "request_id": "5f2b9a8e-7d0f-4c1e-9d5e-1f2c3a4b5c6d"
         *       },
         *       "detail": {
         *         "code": "BAD_REQUEST",
         *         "message": "The request is malformed. Check its path, its headers and its body.",
         *         "request_id": "5f2b9a8e-7d0f-4c1e-9d5e-1f2c3a4b5c6d"
         *       }
         *     }
         */
        'application/json': {
          error: components['schemas']['BadRequestError'];
          detail: components['schemas']['BadRequestError'];
        };
      };
    };
    /** @description `PAYLOAD_TOO_LARGE`: The body is too large. This call needs none. */
    PayloadTooLarge: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        Connection: string;
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['PayloadTooLargeError'];
          detail: components['schemas']['PayloadTooLargeError'];
        };
      };
    };
    /** @description `BAD_REQUEST`: The request is malformed. Check its path, its headers and its body. */
    UnsupportedMediaType: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['BadRequestError'];
          detail: components['schemas']['BadRequestError'];
        };
      };
    };
    /** @description `RATE_LIMIT_EXCEEDED`: Too many requests. Wait as long as Retry-After says, then go on more slowly. */
    TooManyRequests: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        /** @description Seconds after which trying again makes sense. */
        'Retry-After': number;
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['RateLimitExceededError'];
          detail: components['schemas']['RateLimitExceededError'];
        };
      };
    };
    /** @description `BAD_REQUEST`: The headers are too large. */
    HeadersTooLarge: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        [name: string]: unknown;
      };
      content: {
        /**
         * @example {
         *       "error": {
         *         "code": "BAD_REQUEST",
         *         "message": "The request is malformed. Check its path, its headers and its body.",
         *         "request_id": "5f2b9a8e-7d0f-4c1e-9d5e-1f2c3a4b5c6d"
         *       },
         *       "detail": {
         *         "code": "BAD_REQUEST",
         *         "message": "The request is malformed. Check its path, its headers and its body.",
         *         "request_id": "5f2b9a8e-7d0f-4c1e-9d5e-1f2c3a4b5c6d"
         *       }
         *     }
         */
        'application/json': {
          error: components['schemas']['BadRequestError'];
          detail: components['schemas']['BadRequestError'];
        };
      };
    };
    /** @description `INTERNAL_ERROR`: Something went wrong on our side. Report the request_id to the platform team. */
    InternalError: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['InternalError'];
          detail: components['schemas']['InternalError'];
        };
      };
    };
    /** @description `BAD_REQUEST`: The request is malformed. Check its path, its headers and its body. */
    BadRequest: {
      headers: {
        'X-Request-ID': components['headers']['X-Request-ID'];
        'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
        'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
        [name: string]: unknown;
      };
      content: {
        'application/json': {
          error: components['schemas']['BadRequestError'];
          detail: components['schemas']['BadRequestError'];
        };
      };
    };
  };
  parameters: {
    /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
    'X-Request-ID': string;
  };
  requestBodies: never;
  headers: {
    /** @description Under which our logs know this request: yours if it was well-formed, else a new one. */
    'X-Request-ID': string;
    /** @description How many requests may come at once. Counted by each process for itself. */
    'X-RateLimit-Limit': number;
    /** @description How many of them are left. */
    'X-RateLimit-Remaining': number;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  allocate: {
    parameters: {
      query?: never;
      header?: {
        /** @description Who is calling: one student’s instance. This or `X-Track-ID` is needed. */
        'X-Instruqt-Sandbox-ID'?: string;
        /** @description The same from old scripts; counts where `X-Instruqt-Sandbox-ID` is missing. */
        'X-Track-ID'?: string;
        /** @description One sandbox for each key of a caller. Without it the caller has one sandbox. */
        'Idempotency-Key'?: string;
        /** @description Only a sandbox whose name begins with this. */
        'X-Sandbox-Name-Prefix'?: string;
        /** @description The lab’s name, for people who look at the pool. */
        'X-Instruqt-Track-ID'?: string;
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The sandbox that this caller and key have already. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandbox_id": "2009537",
           *       "name": "csp-sandbox-0017",
           *       "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *       "allocated_at": 1795439003,
           *       "expires_at": 1795453403,
           *       "sfdc_account_id": "001BE91C4A"
           *     }
           */
          'application/json': components['schemas']['Allocation'];
        };
      };
      /** @description A new one. */
      201: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandbox_id": "2009537",
           *       "name": "csp-sandbox-0017",
           *       "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *       "allocated_at": 1795439003,
           *       "expires_at": 1795453403,
           *       "sfdc_account_id": "001BE91C4A"
           *     }
           */
          'application/json': components['schemas']['Allocation'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use a track token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description `NO_SANDBOXES_AVAILABLE`: No sandbox is available. Try again later, or ask the platform team to add sandboxes. */
      409: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['NoSandboxesAvailableError'];
            detail: components['schemas']['NoSandboxesAvailableError'];
          };
        };
      };
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /**
       * @description `ALLOCATION_CONTENDED`: Too many callers at once. Try again with the same Idempotency-Key: you will not get two sandboxes.
       *
       *     `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe.
       */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error:
              | components['schemas']['AllocationContendedError']
              | components['schemas']['ServiceUnavailableError'];
            detail:
              | components['schemas']['AllocationContendedError']
              | components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  getSandbox: {
    parameters: {
      query?: never;
      header?: {
        /** @description Who is calling: one student’s instance. This or `X-Track-ID` is needed. */
        'X-Instruqt-Sandbox-ID'?: string;
        /** @description The same from old scripts; counts where `X-Instruqt-Sandbox-ID` is missing. */
        'X-Track-ID'?: string;
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path: {
        /** @description The `sandbox_id` that allocate answered with. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The sandbox. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandbox_id": "2009537",
           *       "name": "csp-sandbox-0017",
           *       "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *       "allocated_at": 1795439003,
           *       "expires_at": 1795453403,
           *       "sfdc_account_id": "001BE91C4A",
           *       "status": "allocated",
           *       "track_name": "intro-to-labs",
           *       "deletion_requested_at": null
           *     }
           */
          'application/json': components['schemas']['Sandbox'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /**
       * @description `FORBIDDEN`: This token may not make this call. Use a track token.
       *
       *     `NOT_SANDBOX_OWNER`: This sandbox is not allocated to you. Send the X-Instruqt-Sandbox-ID that it was allocated with.
       */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'] | components['schemas']['NotSandboxOwnerError'];
            detail: components['schemas']['ForbiddenError'] | components['schemas']['NotSandboxOwnerError'];
          };
        };
      };
      /** @description `SANDBOX_NOT_FOUND`: There is no sandbox with this id, or it has been deleted. Use the sandbox_id that allocate answered with. */
      404: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['SandboxNotFoundError'];
            detail: components['schemas']['SandboxNotFoundError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  markForDeletion: {
    parameters: {
      query?: never;
      header?: {
        /** @description Who is calling: one student’s instance. This or `X-Track-ID` is needed. */
        'X-Instruqt-Sandbox-ID'?: string;
        /** @description The same from old scripts; counts where `X-Instruqt-Sandbox-ID` is missing. */
        'X-Track-ID'?: string;
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path: {
        /** @description The `sandbox_id` that allocate answered with. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is given back, now or since an earlier call. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandbox_id": "2009537",
           *       "name": "csp-sandbox-0017",
           *       "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *       "allocated_at": 1795439003,
           *       "expires_at": 1795453403,
           *       "sfdc_account_id": "001BE91C4A",
           *       "status": "pending_deletion",
           *       "track_name": "intro-to-labs",
           *       "deletion_requested_at": 1795440000
           *     }
           */
          'application/json': components['schemas']['Sandbox'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /**
       * @description `FORBIDDEN`: This token may not make this call. Use a track token.
       *
       *     `NOT_SANDBOX_OWNER`: This sandbox is not allocated to you. Send the X-Instruqt-Sandbox-ID that it was allocated with.
       *
       *     `ALLOCATION_EXPIRED`: The time of this sandbox is over; it is deleted automatically. There is nothing left to do.
       */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error:
              | components['schemas']['ForbiddenError']
              | components['schemas']['NotSandboxOwnerError']
              | components['schemas']['AllocationExpiredError'];
            detail:
              | components['schemas']['ForbiddenError']
              | components['schemas']['NotSandboxOwnerError']
              | components['schemas']['AllocationExpiredError'];
          };
        };
      };
      /** @description `SANDBOX_NOT_FOUND`: There is no sandbox with this id, or it has been deleted. Use the sandbox_id that allocate answered with. */
      404: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['SandboxNotFoundError'];
            detail: components['schemas']['SandboxNotFoundError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  listSandboxes: {
    parameters: {
      query?: {
        /** @description Only those in this status. */
        status?:
          | 'available'
          | 'allocated'
          | 'pending_deletion'
          | 'deletion_failed'
          | 'stale'
          | 'deletion_unconfirmed';
        /** @description Only those that this caller has, or had last. */
        caller?: string;
        /** @description Only those whose name begins with this. */
        name_prefix?: string;
        /** @description How many at most. */
        limit?: number;
        /** @description The `cursor` of the last answer, with the same filter. */
        cursor?: string;
      };
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandboxes": [
           *         {
           *           "sandbox_id": "2009537",
           *           "name": "csp-sandbox-0017",
           *           "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *           "allocated_at": 1795439003,
           *           "expires_at": 1795453403,
           *           "sfdc_account_id": "001BE91C4A",
           *           "status": "allocated",
           *           "track_name": "intro-to-labs",
           *           "deletion_requested_at": null,
           *           "allocated_to_track": "student-1",
           *           "idempotency_key": "student-1",
           *           "deletion_retry_count": null,
           *           "deletion_given_up": false,
           *           "next_attempt_at": null,
           *           "deletion_sent_at": null,
           *           "stale_since": null,
           *           "missed_syncs": 0,
           *           "last_synced": 1795430000,
           *           "created_at": 1795430000,
           *           "updated_at": 1795439003,
           *           "version": 2
           *         }
           *       ],
           *       "count": 1,
           *       "cursor": null,
           *       "unreadable": [],
           *       "unread_shards": 0
           *     }
           */
          'application/json': components['schemas']['SandboxPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  getAnySandbox: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path: {
        /** @description The `sandbox_id` that allocate answered with. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The sandbox. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandbox_id": "2009537",
           *       "name": "csp-sandbox-0017",
           *       "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *       "allocated_at": 1795439003,
           *       "expires_at": 1795453403,
           *       "sfdc_account_id": "001BE91C4A",
           *       "status": "allocated",
           *       "track_name": "intro-to-labs",
           *       "deletion_requested_at": null,
           *       "allocated_to_track": "student-1",
           *       "idempotency_key": "student-1",
           *       "deletion_retry_count": null,
           *       "deletion_given_up": false,
           *       "next_attempt_at": null,
           *       "deletion_sent_at": null,
           *       "stale_since": null,
           *       "missed_syncs": 0,
           *       "last_synced": 1795430000,
           *       "created_at": 1795430000,
           *       "updated_at": 1795439003,
           *       "version": 2
           *     }
           */
          'application/json': components['schemas']['AdminSandbox'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      /** @description `SANDBOX_NOT_FOUND`: There is no sandbox with this id, or it has been deleted. Use the sandbox_id that allocate answered with. */
      404: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['SandboxNotFoundError'];
            detail: components['schemas']['SandboxNotFoundError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description `SANDBOX_UNREADABLE`: The row of this sandbox cannot be read, so that no job touches it. Correct or remove it. status is not one that this release knows. */
      409: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['SandboxUnreadableError'];
            detail: components['schemas']['SandboxUnreadableError'];
          };
        };
      };
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  getStats: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The counts. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "total": 212,
           *       "available": 150,
           *       "allocated": 40,
           *       "pending_deletion": 12,
           *       "deletion_unconfirmed": 0,
           *       "deletion_failed": 8,
           *       "stale": 2,
           *       "deletion_given_up": 1,
           *       "listed_after_deletion": 0
           *     }
           */
          'application/json': components['schemas']['PoolStats'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  bulkDelete: {
    parameters: {
      query: {
        /** @description Rows of any other status are somebody’s. */
        status: 'stale' | 'deletion_failed';
      };
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description They are gone. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "completed",
           *       "deleted": 2
           *     }
           */
          'application/json': components['schemas']['BulkDeletion'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  retryDeletion: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path: {
        /** @description The `sandbox_id` that allocate answered with. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is in line again. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "sandbox_id": "2009537",
           *       "name": "csp-sandbox-0017",
           *       "external_id": "identity/accounts/249f5d1c-7d21-4d0f-9d5e-1f2c3a4b5c6d",
           *       "allocated_at": 1795439003,
           *       "expires_at": 1795453403,
           *       "sfdc_account_id": "001BE91C4A",
           *       "status": "pending_deletion",
           *       "track_name": "intro-to-labs",
           *       "deletion_requested_at": 1795440000,
           *       "allocated_to_track": "student-1",
           *       "idempotency_key": "student-1",
           *       "deletion_retry_count": 0,
           *       "deletion_given_up": false,
           *       "next_attempt_at": 1795450000,
           *       "deletion_sent_at": null,
           *       "stale_since": null,
           *       "missed_syncs": 0,
           *       "last_synced": 1795430000,
           *       "created_at": 1795430000,
           *       "updated_at": 1795439003,
           *       "version": 2
           *     }
           */
          'application/json': components['schemas']['AdminSandbox'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      /** @description `SANDBOX_NOT_FOUND`: There is no sandbox with this id, or it has been deleted. Use the sandbox_id that allocate answered with. */
      404: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['SandboxNotFoundError'];
            detail: components['schemas']['SandboxNotFoundError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      /**
       * @description `SANDBOX_UNREADABLE`: The row of this sandbox cannot be read, so that no job touches it. Correct or remove it. status is not one that this release knows.
       *
       *     `DELETION_NOT_FAILED`: This sandbox is allocated: only one whose deletion has failed or is unconfirmed can be tried again.
       */
      409: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error:
              | components['schemas']['SandboxUnreadableError']
              | components['schemas']['DeletionNotFailedError'];
            detail:
              | components['schemas']['SandboxUnreadableError']
              | components['schemas']['DeletionNotFailedError'];
          };
        };
      };
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  listJobs: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The jobs. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "runner": {
           *         "runner": "none",
           *         "since": 1795439003,
           *         "changed_by": "admin API",
           *         "reason": "portal maintenance"
           *       },
           *       "jobs": [
           *         {
           *           "name": "cleanup",
           *           "interval_seconds": 300,
           *           "last_run": {
           *             "started_at": 1795439003,
           *             "duration_ms": 1250,
           *             "outcome": "success",
           *             "counts": {
           *               "deleted": 3,
           *               "unconfirmed": 0,
           *               "failed": 0,
           *               "postponed": 0,
           *               "skipped": 0
           *             },
           *             "error": null,
           *             "run_by": "worker-3f2a"
           *           },
           *           "last_success_at": 1795439003,
           *           "next_due_at": 1795439313,
           *           "lease": null,
           *           "problem": null
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['JobsOverview'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  getJobRun: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path: {
        /** @description Names the run: the job, and a number that grows. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The run. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          'Retry-After'?: number;
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "cleanup-17",
           *       "job": "cleanup",
           *       "status": "ended",
           *       "started_at": 1795439003,
           *       "run_by": "api/task/1/3f2a",
           *       "result": {
           *         "started_at": 1795439003,
           *         "duration_ms": 1250,
           *         "outcome": "success",
           *         "counts": {
           *           "deleted": 3,
           *           "unconfirmed": 0,
           *           "failed": 0,
           *           "postponed": 0,
           *           "skipped": 0
           *         },
           *         "error": null,
           *         "run_by": "worker-3f2a"
           *       },
           *       "message": null
           *     }
           */
          'application/json': components['schemas']['JobRunState'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      /** @description `RUN_NOT_FOUND`: There is no run with this id. Use the id that sync, cleanup or auto-delete-stale answered with. */
      404: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['RunNotFoundError'];
            detail: components['schemas']['RunNotFoundError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  setJobsRunner: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "runner": "none",
         *       "reason": "portal maintenance"
         *     }
         */
        'application/json': components['schemas']['RunnerChange'];
      };
    };
    responses: {
      /** @description It is so. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "runner": "none",
           *       "since": 1795439003,
           *       "changed_by": "admin API",
           *       "reason": "portal maintenance"
           *     }
           */
          'application/json': components['schemas']['JobsRunner'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  runSync: {
    parameters: {
      query?: {
        /** @description `true` binds a table that was never initialised, or was restored, to the portal first. Only then is anything added. See the runbook on restoring the table before you do that in a restored one. */
        initialise?: 'true' | 'false';
      };
      header?: {
        /** @description RFC 7240. `respond-async`: answer 202 as soon as the run has begun. `wait=5`: answer within 5 seconds. With both, wait 5 seconds before 202. Anything else is ignored. */
        Prefer?: string;
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It ran. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "completed",
           *       "listed": 212,
           *       "added": 20,
           *       "updated": 0,
           *       "restocked": 0,
           *       "missed": 1,
           *       "stale": 0,
           *       "conflicting": 0,
           *       "unusable": 0,
           *       "refused": 0,
           *       "listed_after_deletion": 0,
           *       "duration_ms": 1250
           *     }
           */
          'application/json': components['schemas']['SyncRun'];
        };
      };
      /** @description It has begun and goes on, whether or not the caller stays. Follow `Location`. */
      202: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Where the run can be followed. */
          Location: string;
          /** @description Seconds after which it is worth asking how far the run is. */
          'Retry-After': number;
          /** @description Set if `Prefer` asked for this answer. */
          'Preference-Applied'?: string;
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "running",
           *       "run": {
           *         "id": "cleanup-17",
           *         "job": "cleanup",
           *         "status": "running",
           *         "started_at": 1795439003,
           *         "run_by": "api/task/1/3f2a",
           *         "result": null,
           *         "message": null
           *       }
           *     }
           */
          'application/json': components['schemas']['JobRunUnderWay'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description `JOB_RUNNING`: The job sync is being run already. GET admin/jobs tells by whom; try again when it has ended. */
      409: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['JobRunningError'];
            detail: components['schemas']['JobRunningError'];
          };
        };
      };
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      /**
       * @description `INTERNAL_ERROR`: Something went wrong on our side. Report the request_id to the platform team.
       *
       *     `JOB_FAILED`: The portal answered with something that is no list.
       */
      500: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['InternalError'] | components['schemas']['JobFailedError'];
            detail: components['schemas']['InternalError'] | components['schemas']['JobFailedError'];
          };
        };
      };
      /**
       * @description `PORTAL_UNAVAILABLE`: The portal is out of reach.
       *
       *     `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe.
       */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error:
              | components['schemas']['PortalUnavailableError']
              | components['schemas']['ServiceUnavailableError'];
            detail:
              | components['schemas']['PortalUnavailableError']
              | components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  runCleanup: {
    parameters: {
      query?: never;
      header?: {
        /** @description RFC 7240. `respond-async`: answer 202 as soon as the run has begun. `wait=5`: answer within 5 seconds. With both, wait 5 seconds before 202. Anything else is ignored. */
        Prefer?: string;
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It ran. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "completed",
           *       "deleted": 12,
           *       "unconfirmed": 0,
           *       "failed": 0,
           *       "postponed": 0,
           *       "skipped": 0,
           *       "duration_ms": 9400
           *     }
           */
          'application/json': components['schemas']['CleanupRun'];
        };
      };
      /** @description It has begun and goes on, whether or not the caller stays. Follow `Location`. */
      202: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Where the run can be followed. */
          Location: string;
          /** @description Seconds after which it is worth asking how far the run is. */
          'Retry-After': number;
          /** @description Set if `Prefer` asked for this answer. */
          'Preference-Applied'?: string;
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "running",
           *       "run": {
           *         "id": "cleanup-17",
           *         "job": "cleanup",
           *         "status": "running",
           *         "started_at": 1795439003,
           *         "run_by": "api/task/1/3f2a",
           *         "result": null,
           *         "message": null
           *       }
           *     }
           */
          'application/json': components['schemas']['JobRunUnderWay'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description `JOB_RUNNING`: The job sync is being run already. GET admin/jobs tells by whom; try again when it has ended. */
      409: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['JobRunningError'];
            detail: components['schemas']['JobRunningError'];
          };
        };
      };
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      /**
       * @description `INTERNAL_ERROR`: Something went wrong on our side. Report the request_id to the platform team.
       *
       *     `JOB_FAILED`: The portal answered with something that is no list.
       */
      500: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['InternalError'] | components['schemas']['JobFailedError'];
            detail: components['schemas']['InternalError'] | components['schemas']['JobFailedError'];
          };
        };
      };
      /**
       * @description `PORTAL_UNAVAILABLE`: The portal is out of reach.
       *
       *     `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe.
       */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error:
              | components['schemas']['PortalUnavailableError']
              | components['schemas']['ServiceUnavailableError'];
            detail:
              | components['schemas']['PortalUnavailableError']
              | components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  runAutoDeleteStale: {
    parameters: {
      query?: {
        /** @description Remove what has been stale for this long. As configured, if not given. */
        grace_period_hours?: number;
      };
      header?: {
        /** @description RFC 7240. `respond-async`: answer 202 as soon as the run has begun. `wait=5`: answer within 5 seconds. With both, wait 5 seconds before 202. Anything else is ignored. */
        Prefer?: string;
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It ran. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "completed",
           *       "deleted": 2,
           *       "corrected": 0,
           *       "duration_ms": 80
           *     }
           */
          'application/json': components['schemas']['AutoDeleteStaleRun'];
        };
      };
      /** @description It has begun and goes on, whether or not the caller stays. Follow `Location`. */
      202: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Where the run can be followed. */
          Location: string;
          /** @description Seconds after which it is worth asking how far the run is. */
          'Retry-After': number;
          /** @description Set if `Prefer` asked for this answer. */
          'Preference-Applied'?: string;
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "running",
           *       "run": {
           *         "id": "cleanup-17",
           *         "job": "cleanup",
           *         "status": "running",
           *         "started_at": 1795439003,
           *         "run_by": "api/task/1/3f2a",
           *         "result": null,
           *         "message": null
           *       }
           *     }
           */
          'application/json': components['schemas']['JobRunUnderWay'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description `JOB_RUNNING`: The job sync is being run already. GET admin/jobs tells by whom; try again when it has ended. */
      409: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['JobRunningError'];
            detail: components['schemas']['JobRunningError'];
          };
        };
      };
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      /**
       * @description `INTERNAL_ERROR`: Something went wrong on our side. Report the request_id to the platform team.
       *
       *     `JOB_FAILED`: The portal answered with something that is no list.
       */
      500: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['InternalError'] | components['schemas']['JobFailedError'];
            detail: components['schemas']['InternalError'] | components['schemas']['JobFailedError'];
          };
        };
      };
      /**
       * @description `PORTAL_UNAVAILABLE`: The portal is out of reach.
       *
       *     `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe.
       */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error:
              | components['schemas']['PortalUnavailableError']
              | components['schemas']['ServiceUnavailableError'];
            detail:
              | components['schemas']['PortalUnavailableError']
              | components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  listRollbacks: {
    parameters: {
      query?: {
        /** @description How many at most. */
        limit?: number;
        /** @description The `cursor` of the last answer. */
        cursor?: string;
      };
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "rollbacks": [
           *         {
           *           "at": 1795439003,
           *           "action": "rollback_worker",
           *           "cause": {
           *             "kind": "alarm",
           *             "name": "sandbox-broker-prod-worker-memory-high",
           *             "reason": "Threshold Crossed: 2 datapoints were greater than the threshold (80.0)."
           *           },
           *           "steps": [
           *             {
           *               "step": "desired_count_parameter",
           *               "outcome": "done",
           *               "detail": "0 (was 1)"
           *             },
           *             {
           *               "step": "worker_service",
           *               "outcome": "done",
           *               "detail": "0 (was 1)"
           *             },
           *             {
           *               "step": "jobs_runner",
           *               "outcome": "done",
           *               "detail": "api (was worker)"
           *             }
           *           ],
           *           "duration_ms": 2300,
           *           "attempts": 1,
           *           "is_finished": true
           *         }
           *       ],
           *       "count": 1,
           *       "cursor": null,
           *       "worker_stop": {
           *         "at": 1795439003,
           *         "action": "rollback_worker",
           *         "cause": {
           *           "kind": "alarm",
           *           "name": "sandbox-broker-prod-worker-memory-high",
           *           "reason": "Threshold Crossed: 2 datapoints were greater than the threshold (80.0)."
           *         },
           *         "steps": [
           *           {
           *             "step": "desired_count_parameter",
           *             "outcome": "done",
           *             "detail": "0 (was 1)"
           *           },
           *           {
           *             "step": "worker_service",
           *             "outcome": "done",
           *             "detail": "0 (was 1)"
           *           },
           *           {
           *             "step": "jobs_runner",
           *             "outcome": "done",
           *             "detail": "api (was worker)"
           *           }
           *         ],
           *         "duration_ms": 2300,
           *         "attempts": 1,
           *         "is_finished": true
           *       }
           *     }
           */
          'application/json': components['schemas']['RollbackPage'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description `SERVICE_UNAVAILABLE`: The sandbox table does not answer at the moment. Try again with the same headers: that is always safe. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description Seconds after which trying again makes sense. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ServiceUnavailableError'];
            detail: components['schemas']['ServiceUnavailableError'];
          };
        };
      };
    };
  };
  listAlarms: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The alarms, or why they cannot be told. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "available": true,
           *       "reason": null,
           *       "alarms": [
           *         {
           *           "name": "sandbox-broker-prod-pool-nearly-empty",
           *           "state": "ALARM",
           *           "since": 1795439003,
           *           "reason": "Threshold Crossed: 1 datapoint was less than the threshold (10.0).",
           *           "description": "Fewer sandboxes are available than the threshold.",
           *           "runbook": "docs/runbooks/pool-nearly-empty.md"
           *         }
           *       ],
           *       "missing": []
           *     }
           */
          'application/json': components['schemas']['Alarms'];
        };
      };
      400: components['responses']['InvalidRequest'];
      401: components['responses']['Unauthorized'];
      /** @description `FORBIDDEN`: This token may not make this call. Use an admin token. */
      403: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            error: components['schemas']['ForbiddenError'];
            detail: components['schemas']['ForbiddenError'];
          };
        };
      };
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It serves. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "ok"
           *     }
           */
          'application/json': components['schemas']['Health'];
        };
      };
      400: components['responses']['BadRequest'];
      408: components['responses']['RequestTimeout'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description It has not begun, or is ending. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "draining"
           *     }
           */
          'application/json': components['schemas']['Health'];
        };
      };
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It could. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "ready",
           *       "lifecycle": "serving",
           *       "checks": {
           *         "dynamodb": "ok"
           *       }
           *     }
           */
          'application/json': components['schemas']['Readiness'];
        };
      };
      400: components['responses']['BadRequest'];
      408: components['responses']['RequestTimeout'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      /** @description It could not. */
      503: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "not_ready",
           *       "lifecycle": "serving",
           *       "checks": {
           *         "dynamodb": "unreachable"
           *       }
           *     }
           */
          'application/json': components['schemas']['Readiness'];
        };
      };
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Prometheus text. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example # HELP sandboxes_available …
           *     # TYPE …
           */
          'text/plain': string;
        };
      };
      400: components['responses']['BadRequest'];
      408: components['responses']['RequestTimeout'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
    };
  };
  getOpenApi: {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept if it has 1 to 128 letters, digits, `.`, `_` or `-`; found again in our logs. Pages from other origins cannot send it: CORS does not allow it. They can read the one that we give. */
        'X-Request-ID'?: components['parameters']['X-Request-ID'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The document. */
      200: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description For `If-None-Match`. Each content encoding has its own. */
          ETag: string;
          /** @description It may be kept, and must be asked for anew each time. */
          'Cache-Control': string;
          /** @description On which headers the answer depends: it is compressed with Brotli for whoever takes that. */
          Vary: string;
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "openapi": "3.1.0",
           *       "info": {
           *         "title": "Sandbox broker",
           *         "version": "1"
           *       },
           *       "paths": {}
           *     }
           */
          'application/json': {
            openapi: string;
            info: {
              [key: string]: unknown;
            };
            paths: {
              [key: string]: unknown;
            };
          } & {
            [key: string]: unknown;
          };
        };
      };
      /** @description It is still the one that you have. */
      304: {
        headers: {
          'X-Request-ID': components['headers']['X-Request-ID'];
          'X-RateLimit-Limit': components['headers']['X-RateLimit-Limit'];
          'X-RateLimit-Remaining': components['headers']['X-RateLimit-Remaining'];
          /** @description For `If-None-Match`. Each content encoding has its own. */
          ETag: string;
          /** @description It may be kept, and must be asked for anew each time. */
          'Cache-Control': string;
          /** @description On which headers the answer depends: it is compressed with Brotli for whoever takes that. */
          Vary: string;
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      408: components['responses']['RequestTimeout'];
      429: components['responses']['TooManyRequests'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
    };
  };
}
