import { z } from 'zod';
import { ValidationError } from '../errors';

/** A whole number in a query parameter. */
export function wholeNumberParameter(min: number, max: number): z.ZodType<number, string> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string({ error: message })
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
}

/**
 * Query parameters, or a body, as a schema says.
 *
 * @throws ValidationError that names every one that does not fit.
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'} ${message}`);
  throw new ValidationError(`${faults.join('; ')}.`, {
    parameter: parsed.error.issues[0]?.path.join('.'),
  });
}
