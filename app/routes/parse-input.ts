import { z } from 'zod';
import { ValidationError } from '../errors';

/** A whole number in a query parameter, and one that the documentation shows. */
export function wholeNumberParameter(min: number, max: number, example = max): z.ZodType<number, string> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string({ error: message })
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message))
    .meta({
      override: { type: 'integer', minimum: min, maximum: max, pattern: undefined, examples: [example] },
    });
}

/**
 * Query parameters, or a body, as a schema says.
 *
 * @throws ValidationError that names every one that does not fit.
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? 'the body must be a JSON object' : `${path.join('.')} ${message}`,
  );
  throw new ValidationError(`${faults.join('; ')}.`, {
    parameter: parsed.error.issues[0]?.path.join('.'),
  });
}
