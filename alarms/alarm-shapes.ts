/*
 * What several alarms have in common: how long something has to last, what missing data says, and what an alarm sets off.
 */

export const FIVE_MINUTES_SECONDS = 300;
export const ONE_MINUTE_SECONDS = 60;

export const NO_REACTION = {
  triggersRollback: false,
  stopsApiJobs: false,
  isDeploymentAlarm: false,
} as const;
export const ROLLBACK = { ...NO_REACTION, triggersRollback: true } as const;
export const API_OVERLOAD = { ...NO_REACTION, stopsApiJobs: true } as const;
export const DEPLOYMENT = { ...NO_REACTION, isDeploymentAlarm: true } as const;

export const ROLLBACK_RESPONSE =
  'The rollback sets the worker to 0 tasks and hands the jobs to the API; only a person resumes the worker.';

/** Over the threshold for ten minutes. A service without tasks uses nothing, so no data is no alarm. */
export const USE_FOR_TEN_MINUTES = {
  comparison: 'GreaterThanThreshold',
  periodSeconds: FIVE_MINUTES_SECONDS,
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  missingData: 'notBreaching',
} as const;

/**
 * At least once in three different five-minute periods of half an hour. A burst falls into one or two of them. A job
 * that always ends like this reaches three: cleanup after 10 minutes, sync, which runs every 10 to 11, after 22.
 */
export const AGAIN_AND_AGAIN = {
  threshold: { thresholdCount: 1 },
  comparison: 'GreaterThanOrEqualToThreshold',
  periodSeconds: FIVE_MINUTES_SECONDS,
  evaluationPeriods: 6,
  datapointsToAlarm: 3,
  missingData: 'notBreaching',
} as const;

/** In three of the last five minutes: the tasks that a deployment starts and ends stay below that. */
export const THREE_OF_FIVE_MINUTES = {
  periodSeconds: ONE_MINUTE_SECONDS,
  evaluationPeriods: 5,
  datapointsToAlarm: 3,
} as const;

/**
 * A job that has been due for so long, in two periods in a row, does not run. Each API task looks at the same records, so
 * that nothing may be added up. Records that cannot be looked at leave the alarm as it was: api_not_ready tells of that.
 */
export const OVERDUE = {
  systemResponse: 'The job is started as soon as a process whose turn it is finds it due and gets its lease.',
  runbook: 'docs/runbooks/jobs-not-reporting.md',
  threshold: { thresholdCount: 900 },
  comparison: 'GreaterThanOrEqualToThreshold',
  periodSeconds: FIVE_MINUTES_SECONDS,
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  missingData: 'ignore',
  ...NO_REACTION,
} as const;
