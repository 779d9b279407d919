import { Router, type Express } from 'express';

/** A route of an Express application, e.g. `GET /v1/sandboxes/{id}`. */
export type RouteName = string;

interface Mount {
  parent: object;
  path: string;
}

interface RegisteredRoute {
  router: object;
  path: string;
  /** Express fills it as handlers are added. */
  route: { methods: Record<string, boolean> };
}

/**
 * The routes of the application that `create` makes, without `HEAD` and without those that only refuse methods. Express
 * keeps no path of a mounted router, so what is mounted and routed is noted while it happens.
 */
export function routesOf(create: () => Express): RouteName[] {
  const mounts = new Map<object, Mount>();
  const routes: RegisteredRoute[] = [];
  const prototype = Router.prototype as unknown as {
    use: (...given: unknown[]) => unknown;
    route: (path: string) => { methods: Record<string, boolean> };
  };
  const { use, route } = prototype;
  const useSpy = jest.spyOn(prototype, 'use').mockImplementation(function (
    this: object,
    ...given: unknown[]
  ) {
    const path = typeof given[0] === 'string' && given[0] !== '/' ? given[0] : '';
    for (const handler of given) {
      if (typeof handler === 'function' && 'stack' in handler) mounts.set(handler, { parent: this, path });
    }
    return use.apply(this, given);
  });
  const routeSpy = jest.spyOn(prototype, 'route').mockImplementation(function (this: object, path: string) {
    const made = route.call(this, path);
    routes.push({ router: this, path, route: made });
    return made;
  });
  try {
    create();
  } finally {
    useSpy.mockRestore();
    routeSpy.mockRestore();
  }
  const prefixOf = (router: object): string => {
    const mount = mounts.get(router);
    return mount ? `${prefixOf(mount.parent)}${mount.path}` : '';
  };
  return routes
    .flatMap(({ router, path, route: { methods } }) =>
      Object.keys(methods)
        .filter((method) => method !== '_all')
        .map((method) => `${method.toUpperCase()} ${prefixOf(router)}${path.replace(/:(\w+)/g, '{$1}')}`),
    )
    .sort();
}
