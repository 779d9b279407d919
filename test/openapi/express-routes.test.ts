import express, { Router } from 'express';
import { pino } from 'pino';
import { parseApiConfig } from '../../app/config';
import { composeApi } from '../../app/compose';
import { contract } from './contract';
import { routesOf } from './express-routes';

function brokerRoutes(basePath: string): string[] {
  return routesOf(() => {
    const config = parseApiConfig({
      BROKER_API_TOKEN: 'track-token-of-these-tests',
      BROKER_ADMIN_TOKEN: 'admin-token-of-these-tests',
      DDB_ENDPOINT_URL: 'http://127.0.0.1:1',
      CSP_BASE_URL: 'http://127.0.0.1:1',
      CSP_API_TOKEN: 'portal-token-of-these-tests',
      API_BASE_PATH: basePath,
    });
    const api = composeApi(config, pino({ level: 'silent' }));
    api.close();
    return api.app;
  });
}

describe('routesOf', () => {
  it('finds what is mounted in what is mounted, in whichever order', () => {
    const found = routesOf(() => {
      const app = express();
      const inner = Router();
      inner
        .route('/things/:id')
        .get(() => undefined)
        .put(() => undefined)
        .all(() => undefined);
      const outer = Router();
      outer.use('/inner', inner);
      app.use(
        '/outer',
        (_request, _response, next) => {
          next();
        },
        outer,
      );
      outer.route('/late').post(() => undefined);
      app.use(Router().get('/short', () => undefined));
      return app;
    });

    expect(found).toEqual([
      'GET /outer/inner/things/{id}',
      'GET /short',
      'POST /outer/late',
      'PUT /outer/inner/things/{id}',
    ]);
  });
});

it('the document has every route of the API, and no other; pages for people are not in it', () => {
  const routes = brokerRoutes('/v1').filter((route) => !/^GET (\/v1\/docs|\/console)(\/|$)/.test(route));

  expect(routes).toEqual(
    contract()
      .calls.map(({ method, template }) => `${method} ${template}`)
      .sort(),
  );
  expect(routes).toContain('POST /v1/allocate');
});

it('another base path moves the routes as it moves the document', () => {
  const moved = contract('/broker/v7').calls.map(({ method, template }) => `${method} ${template}`);

  expect(
    brokerRoutes('/broker/v7').filter((route) => !/ (\/broker\/v7\/docs|\/console)/.test(route)),
  ).toEqual(moved.sort());
});
