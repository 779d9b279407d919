import { Router } from 'express';
import { methodNotAllowed } from '../middleware/error-handler';
import { cacheableText, sendCacheable, type Cacheable } from '../openapi/cacheable';
import { slashRedirect } from '../openapi/slash-redirect';
import { named } from '../routes/named';
import type { ConsoleAssets } from './console-assets';
import { consolePage } from './console-page';

/**
 * Nothing but our own script, style and API; no frame around the page, no form that leaves it, and no text that becomes
 * markup or code (Trusted Types, so that a mistake of ours fails loudly).
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export interface ConsoleRouteDependencies {
  basePath: string;
  environmentName: string;
  /** undefined in a process that runs from sources: it has no console. */
  assets: ConsoleAssets | undefined;
}

/** The operations console at `/console`. The page is open to everybody: it holds no data and can do nothing by itself. */
export function consoleRoutes({ basePath, environmentName, assets }: ConsoleRouteDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  if (!assets) return router;
  const page = cacheableText(consolePage({ basePath, environmentName, assets }), 'text/html; charset=utf-8');

  router
    .route('/console')
    .all(named('console', '/console'))
    .get((request, response) => {
      response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
      response.set('Referrer-Policy', 'no-referrer');
      // Asked for anew each time: a new version is seen at once, and an unchanged one costs a 304.
      sendCacheable(request, response, page, 'no-cache');
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  slashRedirect(router, 'console', '/console', '/console');

  for (const [file, asset] of Object.entries(assets) as [string, Cacheable][]) {
    const path = `/console/${file}`;
    const route = router.route(path).all(named('console', path));
    route.get((request, response) => {
      // During a deployment the page may come from one version and this from another. It is then not kept.
      sendCacheable(request, response, asset, 'no-store');
    });
    route.all(methodNotAllowed('GET', 'HEAD'));
  }
  return router;
}
