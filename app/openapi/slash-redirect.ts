import type { Router } from 'express';
import { methodNotAllowed } from '../middleware/error-handler';
import { named } from '../routes/named';

/**
 * Sends whoever asks for a page with a slash at its end to the page: 308, so that it is remembered.
 *
 * @param path of the page, as the router knows it
 * @param address of the page, with what the router is mounted under
 */
export function slashRedirect(router: Router, action: string, path: string, address: string): void {
  router
    .route(`${path}/`)
    .all(named(action, `${address}/`))
    .get((_request, response) => {
      // Node.js leaves the length out for clients that are older than HTTP/1.1: they could not tell that this is all.
      response.status(308).set({ Location: address, 'Content-Length': '0' }).end();
    })
    .all(methodNotAllowed('GET', 'HEAD'));
}
