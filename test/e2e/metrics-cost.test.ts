import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { SHARD_COUNT } from '../../app/store/table';
import { call, closeConnections } from './support/broker-client';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy';

/*
 * What scraping costs, counted at the engine's door.
 */

jest.setTimeout(60_000);

/** Available, allocated, pending deletion, deletion unconfirmed, deletion failed, stale: one query a shard each. */
const QUERIES_OF_ONE_PASS = 6 * SHARD_COUNT;

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
  it('costs one counting pass a process for 200 scrapes within a minute', async () => {
    proxy.reset();

    for (const { url } of system.apis) {
      const scrapes = await Promise.all(Array.from({ length: 100 }, () => call('GET', `${url}/metrics`)));
      for (let scrape = 0; scrape < 100; scrape += 1) scrapes.push(await call('GET', `${url}/metrics`));

      expect(scrapes.filter(({ status }) => status !== 200)).toEqual([]);
      expect(scrapes.at(-1)?.body.text).toContain('\nbroker_pool_available 40\n');
    }

    expect(proxy.counts()).toMatchObject({ Query: system.apis.length * QUERIES_OF_ONE_PASS });
    // Each process looks now and then who runs the jobs.
    expect(Object.keys(proxy.counts()).filter((operation) => operation !== 'GetItem')).toEqual(['Query']);
  });
});

describe('/healthz', () => {
  it('asks nothing of the table', async () => {
    proxy.reset();

    for (const { url } of system.apis) {
      await Promise.all(Array.from({ length: 50 }, () => call('GET', `${url}/healthz`)));
    }

    // Each process may just have looked who runs the jobs.
    const { GetItem: reads = 0, ...others } = proxy.counts();
    expect(others).toEqual({});
    expect(reads).toBeLessThanOrEqual(system.apis.length);
  });
});
