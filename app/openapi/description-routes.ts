import { Router } from 'express';
import { systemClock } from '../allocation/clock';
import type { RateLimit } from '../config';
import { methodNotAllowed } from '../middleware/error-handler';
import { limitByIp } from '../middleware/rate-limit';
import { TokenBuckets } from '../middleware/token-bucket';
import { named } from '../routes/named';
import { cacheableText, sendCacheable, type Cacheable } from './cacheable';
import { bundledSwaggerUi, docsPage, DOCS_SECURITY_POLICY } from './docs-page';
import { openApiDocument } from './openapi-document';
import { slashRedirect } from './slash-redirect';

/**
 * For one address, beside the wide limit. A first look takes five requests, a later one costs one. Nothing is unpacked
 * for them, but Swagger UI has 1.7 MB, and the wide limit alone would let one address fill the network with it. What
 * remains: many addresses can still do that together, as they can with any other call.
 */
const PAGE_LIMIT: RateLimit = { burst: 120, perSecond: 2 };

export interface DescriptionRouteDependencies {
  basePath: string;
  /** What shows the document to people; from the bundle, if not said. */
  swaggerUi?: { script: string; style: string };
  /** Of the page and its files, for one address. */
  pageLimit?: RateLimit;
}

/** What tells people and machines about the other calls. Open: it holds nothing that this repository does not. */
export function descriptionRoutes({
  basePath,
  swaggerUi = bundledSwaggerUi(),
  pageLimit = PAGE_LIMIT,
}: DescriptionRouteDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  let document: Cacheable | undefined;

  router
    .route('/openapi.json')
    .all(named('describe', `${basePath}/openapi.json`))
    .get((request, response) => {
      // Made when it is first asked for: no start of a process waits for it.
      document ??= cacheableText(
        JSON.stringify(openApiDocument(basePath)),
        'application/json; charset=utf-8',
      );
      sendCacheable(request, response, document);
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  if (swaggerUi) {
    router.use('/docs', limitByIp(new TokenBuckets(pageLimit, systemClock)));
    docsRoutes(router, basePath, swaggerUi);
  }
  return router;
}

function docsRoutes(router: Router, basePath: string, swaggerUi: { script: string; style: string }): void {
  let built: ReturnType<typeof docsPage> | undefined;
  const docs = (): ReturnType<typeof docsPage> => (built ??= docsPage(basePath, swaggerUi));

  router
    .route('/docs')
    .all(named('docs', `${basePath}/docs`))
    .get((request, response) => {
      response.set('Content-Security-Policy', DOCS_SECURITY_POLICY);
      sendCacheable(request, response, docs().page);
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  slashRedirect(router, 'docs', '/docs', `${basePath}/docs`);

  for (const file of ['swagger-ui.js', 'swagger-ui.css', 'docs.js', 'docs.css'] as const) {
    router
      .route(`/docs/${file}`)
      .all(named('docs', `${basePath}/docs/${file}`))
      .get((request, response) => {
        sendCacheable(request, response, docs().files[file]);
      })
      .all(methodNotAllowed('GET', 'HEAD'));
  }
}
