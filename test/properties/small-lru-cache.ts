const { LRUCache: RealCache } = jest.requireActual<typeof import('lru-cache')>('lru-cache');

/** Stands in for the cache that the candidate finder makes, which reserves room for 20,000 entries at once. */
export class LRUCache extends RealCache<string, true> {
  constructor() {
    super({ max: 500 });
  }
}
