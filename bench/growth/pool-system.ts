import { join } from 'node:path';
import { startLocalSystem, type LocalSystem } from '../../local/local-system';
import { CleanupStack } from '../../local/processes/cleanup-stack';
import { BenchPool } from '../pool/bench-pool';
import { addPortalAccounts, inStock } from '../pool/portal-stock';

/** A system with one API process and a pool of a certain size, which the portal lists. */
export interface PoolSystem {
  size: number;
  system: LocalSystem;
  stop(): Promise<void>;
}

/** So many sandboxes of each pool bear names that begin with {@link RARE_PREFIX}, wherever they lie. */
export const RARE_COUNT = 100;
export const RARE_PREFIX = 'rare-';
const OPEN_LIMIT = '1000000';
/** An eighth of production's: what is kept shows, and what only waits for the garbage collector does not. */
export const API_HEAP_MB = 64;

/** Starts it, and fills pool and portal. No worker runs. */
export async function startPoolSystem(
  size: number,
  bundleDirectory: string,
  signal: AbortSignal,
): Promise<PoolSystem> {
  const cleanups = new CleanupStack();
  try {
    const system = await startLocalSystem({
      sandboxCount: 0,
      apiTaskCount: 1,
      apiEntry: join(bundleDirectory, 'api.js'),
      apiEnvironment: {
        NODE_OPTIONS: `--max-old-space-size=${API_HEAP_MB}`,
        // A scrape after another second counts anew.
        METRICS_CACHE_SECONDS: '1',
        RATE_LIMIT_PER_IP_PER_SECOND: OPEN_LIMIT,
        RATE_LIMIT_PER_IP_BURST: OPEN_LIMIT,
        RATE_LIMIT_PER_SECOND: OPEN_LIMIT,
        RATE_LIMIT_BURST: OPEN_LIMIT,
      },
      signal,
    });
    cleanups.add(() => system.stop());
    const pool = new BenchPool({ endpoint: system.dynamodbEndpoint, tableNames: system.tableNames });
    cleanups.add(() => {
      pool.close();
    });
    const common = await addPortalAccounts(system, { count: size - RARE_COUNT });
    const rare = await addPortalAccounts(system, { count: RARE_COUNT, namePrefix: RARE_PREFIX });
    await pool.add(inStock([...common, ...rare]));
    return { size, system, stop: () => cleanups.run() };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}
