import { DESCRIPTION_OPERATIONS } from './description-operations';
import { JOB_OPERATIONS } from './job-operations';
import { ON_CALL_OPERATIONS } from './on-call-operations';
import type { Operation } from './operation';
import { POOL_OPERATIONS } from './pool-operations';
import { PROBE_OPERATIONS } from './probe-operations';
import { SANDBOX_OPERATIONS } from './sandbox-operations';

/** Every call there is. A test compares them with the routes of the running application. */
export const OPERATIONS: readonly Operation[] = [
  ...SANDBOX_OPERATIONS,
  ...POOL_OPERATIONS,
  ...JOB_OPERATIONS,
  ...ON_CALL_OPERATIONS,
  ...PROBE_OPERATIONS,
  ...DESCRIPTION_OPERATIONS,
];
