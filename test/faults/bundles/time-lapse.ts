import type { SourceChange } from './bundle-variant';

/** Labs of these runs last so many seconds, and so many more are their grace. */
export const LAB_SECONDS = 6;
export const GRACE_SECONDS = 2;

/**
 * Fault runs last half a minute, labs at least an hour: in the bundles under test an hour of a lab, and a minute of
 * grace, are a second. Likewise a failed deletion is tried again after seconds instead of minutes, and a new word on who
 * runs the jobs is heard after one second instead of eight. Nothing else differs from what is shipped.
 */
export const TIME_LAPSE: readonly SourceChange[] = [
  { file: 'app/config.ts', find: 'values.LAB_DURATION_HOURS * 3_600', replace: 'values.LAB_DURATION_HOURS' },
  {
    file: 'app/environment.ts',
    find: 'values.LAB_DURATION_HOURS * 3_600',
    replace: 'values.LAB_DURATION_HOURS',
  },
  { file: 'app/config.ts', find: 'values.GRACE_PERIOD_MINUTES * 60', replace: 'values.GRACE_PERIOD_MINUTES' },
  {
    file: 'app/environment.ts',
    find: 'values.GRACE_PERIOD_MINUTES * 60',
    replace: 'values.GRACE_PERIOD_MINUTES',
  },
  {
    file: 'app/allocation/transitions.ts',
    find: 'FIRST_RETRY_DELAY_SECONDS = 300',
    replace: 'FIRST_RETRY_DELAY_SECONDS = 2',
  },
  { file: 'app/jobs/runner-switch.ts', find: 'MAX_AGE_MS = 8_500', replace: 'MAX_AGE_MS = 1_000' },
];
