import type { RequestHandler } from 'express';
import { factsOf } from '../middleware/request-log';

/** Tells log and metrics what is being asked, and by which route template. Stands first in every route. */
export function named(action: string, endpoint: string): RequestHandler {
  return (_request, response, next) => {
    Object.assign(factsOf(response), { action, endpoint });
    next();
  };
}
