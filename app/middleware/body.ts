import express, { Router, type RequestHandler } from 'express';
import { PayloadTooLargeError } from '../errors';

/** More than any call of ours needs. */
const BODY_LIMIT_BYTES = 16 * 1024;

/** Refuses what announces itself as too large before a byte of it is read; the parsers would read it to its end. */
const refuseLarge: RequestHandler = (request, _response, next) => {
  if (Number(request.get('Content-Length')) > BODY_LIMIT_BYTES) throw new PayloadTooLargeError();
  next();
};

/** For calls that need no body: what scripts send all the same is read up to the limit, and ignored. */
export const ignoredBody: RequestHandler = Router().use(
  refuseLarge,
  express.raw({ type: () => true, limit: BODY_LIMIT_BYTES }),
);

/** For calls with a JSON body, whatever content type a script forgot to set. */
export const jsonBody: RequestHandler = Router().use(
  refuseLarge,
  express.json({ type: () => true, limit: BODY_LIMIT_BYTES }),
);
