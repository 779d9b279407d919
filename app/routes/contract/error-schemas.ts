import { z } from 'zod';
import { ERROR_SAMPLES, type ErrorCode } from './error-samples';

const VALIDATION_DETAILS = z.strictObject({
  header: z.string().optional().meta({ description: 'The header at fault.' }),
  parameter: z.string().optional().meta({ description: 'The parameter or field at fault.' }),
});

const JOB_DETAILS = z
  .record(z.string(), z.int().min(0))
  .meta({ description: 'What the job did before it failed.' });

const RUNNING_DETAILS = z
  .strictObject({
    run_id: z.string().meta({ description: 'The run under way: `admin/jobs/runs/{id}` follows it.' }),
  })
  .optional();

/** What stands under `details`, for the codes that have it. */
const DETAILS: Partial<Record<ErrorCode, z.ZodType>> = {
  VALIDATION_ERROR: VALIDATION_DETAILS,
  PORTAL_UNAVAILABLE: JOB_DETAILS,
  JOB_FAILED: JOB_DETAILS,
  JOB_RUNNING: RUNNING_DETAILS,
};

type ErrorFieldsSchema = z.ZodObject<{ code: z.ZodLiteral<ErrorCode> }>;

/** The fields of an error with this code. */
function fieldsSchema(code: ErrorCode): ErrorFieldsSchema {
  const { retryAfterSeconds, message } = ERROR_SAMPLES[code];
  const details = DETAILS[code];
  return z
    .strictObject({
      code: z.literal(code),
      message: z.string().meta({ description: 'What went wrong and what to do, for people.' }),
      request_id: z.string().meta({ description: 'As in `X-Request-ID`, and in our logs.' }),
      ...(retryAfterSeconds === undefined
        ? {}
        : { retry_after: z.int().min(1).meta({ description: 'Seconds, as in `Retry-After`.' }) }),
      ...(details === undefined ? {} : { details }),
    })
    .meta({ id: componentName(code), ...(code === 'FORBIDDEN' ? {} : { description: message }) });
}

const FIELDS = Object.fromEntries(
  (Object.keys(ERROR_SAMPLES) as ErrorCode[]).map((code) => [code, fieldsSchema(code)]),
) as Record<ErrorCode, ErrorFieldsSchema>;

/** The body of an error that has one of these codes. Scripts in the field read it under `detail`. */
export function errorBodySchema([first, ...others]: [ErrorCode, ...ErrorCode[]]): z.ZodObject {
  const fields =
    others.length === 0
      ? FIELDS[first]
      : z.discriminatedUnion('code', [FIELDS[first], ...others.map((code) => FIELDS[code])]);
  return z.strictObject({ error: fields, detail: fields });
}

/** `JOB_RUNNING` is described as `JobRunningError`, `JOB_FAILED` as `JobFailedError`, `INTERNAL_ERROR` as itself. */
export function componentName(code: ErrorCode): string {
  const words = code
    .replace(/_ERROR$/, '')
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  return `${words.join('')}Error`;
}
