import { randomBytes } from 'node:crypto';

/** A secret that nobody can guess and any shell can carry. */
export function newToken(): string {
  return randomBytes(24).toString('hex');
}
