import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { ForbiddenError, UnauthorizedError } from '../errors';

export type Role = 'track' | 'admin';

/** The tokens of each role; two while one replaces the other. */
export type Tokens = Record<Role, string[]>;

/** RFC 6750: the scheme, in any case, then a token of these characters. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * Lets through requests with a token of the role. The comparison takes the same time for every token, so that its
 * length or beginning cannot be guessed from outside.
 *
 * Throws {@link UnauthorizedError} without a valid token, {@link ForbiddenError} with one of the other role.
 */
export function authenticate(tokens: Tokens, needed: Role): RequestHandler {
  const known = (Object.keys(tokens) as Role[]).flatMap((role) =>
    tokens[role].map((token) => ({ role, digest: digestOf(token) })),
  );
  return (request, _response, next) => {
    const token = BEARER.exec(request.get('Authorization') ?? '')?.[1];
    const digest = digestOf(token ?? '');
    // Every known token is compared, whichever fits.
    const fitting = known.filter((other) => timingSafeEqual(other.digest, digest));
    const role = token === undefined ? undefined : fitting[0]?.role;
    if (role === undefined) throw new UnauthorizedError();
    if (role !== needed) throw new ForbiddenError(needed);
    next();
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
