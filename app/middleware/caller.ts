import type { Request } from 'express';
import { ValidationError } from '../errors';

/** The longest value of a header of ours. */
export const MAX_HEADER_LENGTH = 256;

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * The value of one of our headers; `undefined` when it is missing or empty.
 *
 * @throws ValidationError when it is longer than 256 characters, or has others than printable ASCII.
 */
export function headerOf(request: Request, name: string): string | undefined {
  const value = request.get(name)?.trim();
  if (value === undefined || value === '') return undefined;
  if (value.length > MAX_HEADER_LENGTH) {
    throw new ValidationError(`${name} is too long: send at most ${MAX_HEADER_LENGTH} characters.`, {
      header: name,
    });
  }
  if (!PRINTABLE_ASCII.test(value)) {
    throw new ValidationError(`${name} has characters that are not printable ASCII. Leave them out.`, {
      header: name,
    });
  }
  return value;
}

/** Who is calling: one student's instance or, from old scripts, the track. Throws as {@link headerOf}. */
export function callerOf(request: Request): string | undefined {
  return headerOf(request, 'X-Instruqt-Sandbox-ID') ?? headerOf(request, 'X-Track-ID');
}

/**
 * The same, for calls that need one.
 *
 * @throws ValidationError when there is none.
 */
export function requireCaller(request: Request): string {
  const caller = callerOf(request);
  if (caller !== undefined) return caller;
  throw new ValidationError(
    'Say who is calling: send X-Instruqt-Sandbox-ID (or, from old scripts, X-Track-ID).',
    {
      header: 'X-Instruqt-Sandbox-ID',
    },
  );
}
