import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { SHARD_COUNT } from '../../app/store/table';
import { call, closeConnections } from './support/broker-client';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy';

/*
 * What scraping costs, counted at the engine's door.
 */

jest.setTimeout(60_000);

/** Available, allocated, pending deletion, deletion failed, stale: one query a shard each. */
const QUERIES_OF_ONE_PASS = 5 * SHARD_COUNT;

let system: LocalSystem;
let proxy: CountingProxy;

beforeAll(async () => {
  system = await startLocalSystem({
    sandboxCount: 40,
    processDynamodbEndpoint: async (engineEndpoint) => {
      proxy = await startCountingProxy(engineEndpoint);
      return proxy.url;
    },
  });
});

afterAll(async () => {
  closeConnections();
  await system.stop();
  await proxy.stop();
});

describe('/metrics', () => {
  it('costs one counting pass a process for 200 scrapes within a minute, and no other call', async () => {
    proxy.reset();

    for (const { url } of system.apis) {
      const scrapes = await Promise.all(Array.from({ length: 100 }, () => call('GET', `${url}/metrics`)));
      for (let scrape = 0; scrape < 100; scrape += 1) scrapes.push(await call('GET', `${url}/metrics`));

      expect(scrapes.filter(({ status }) => status !== 200)).toEqual([]);
      expect(scrapes.at(-1)?.body.text).toContain('\nbroker_pool_available 40\n');
    }

    expect(proxy.counts()).toEqual({ Query: system.apis.length * QUERIES_OF_ONE_PASS });
  });
});

describe('/healthz', () => {
  it('asks nothing of the table', async () => {
    proxy.reset();

    await Promise.all(system.apis.map(({ url }) => call('GET', `${url}/healthz`)));

    expect(proxy.counts()).toEqual({});
  });
});
