import type { Express } from 'express';

/** A route that the running application has. */
export interface ListedRoute {
  /** With everything that it is mounted under, e.g. `/v1/sandboxes/:id`. */
  template: string;
  /** Those that it answers itself, in upper case. */
  methods: string[];
}

/** What Express 5 keeps of a route or a mounted router; `rawPath` is the path as it was given. */
interface Layer {
  rawPath?: unknown;
  route?: { path: unknown; stack: { method?: string }[] };
  handle: { stack?: Layer[] };
}

/** Every route, read off the application itself: one that is added tomorrow is fuzzed without anyone remembering. */
export function listRoutes(app: Express): ListedRoute[] {
  const { stack } = (app as unknown as { router: { stack: Layer[] } }).router;
  const routes = stack.flatMap((layer) => routesOf(layer, ''));
  if (routes.length === 0) throw new Error('Express has changed how it keeps its routes: none was found');
  return routes;
}

function routesOf({ rawPath, route, handle }: Layer, prefix: string): ListedRoute[] {
  if (route) {
    const methods = route.stack.flatMap(({ method }) => (method === undefined ? [] : [method.toUpperCase()]));
    const paths = [route.path].flat().filter((path) => typeof path === 'string');
    return paths.map((path) => ({ template: `${prefix}${path}`, methods: [...new Set(methods)] }));
  }
  const mounted = typeof rawPath === 'string' && rawPath !== '/' ? rawPath : '';
  return (handle.stack ?? []).flatMap((layer) => routesOf(layer, `${prefix}${mounted}`));
}

/** The route that a path belongs to, as Express would find it; `undefined` if there is none. */
export function routeOf(routes: ListedRoute[], path: string): ListedRoute | undefined {
  return routes.find(({ template }) => patternOf(template).test(path));
}

function patternOf(template: string): RegExp {
  const parts = template
    .split('/')
    .map((part) => (/^[:*]/.test(part) ? '[^/]+' : part.replace(/[.+^$(){}|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}/?$`);
}
