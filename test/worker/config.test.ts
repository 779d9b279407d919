import { ConfigError } from '../../app/environment';
import { parseWorkerConfig } from '../../worker/config';

const REQUIRED = {
  AWS_REGION: 'eu-central-1',
  CSP_BASE_URL: 'https://portal.example.com/api',
  CSP_API_TOKEN: 'portal-token',
};

function faultsOf(env: Record<string, string>): string[] {
  try {
    parseWorkerConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('parseWorkerConfig', () => {
  it('needs a region and the portal; everything else has a default', () => {
    expect(parseWorkerConfig(REQUIRED)).toEqual({
      port: 9090,
      table: {
        tableNames: {
          table: 'SandboxPool',
          statusIndex: 'StatusIndex',
          trackIndex: 'TrackIndex',
          nameIndex: 'NameIndex',
        },
        region: 'eu-central-1',
        endpoint: undefined,
      },
      jobs: {
        csp: {
          baseUrl: 'https://portal.example.com/api',
          apiToken: 'portal-token',
          connectTimeoutMs: 5_000,
          readTimeoutMs: 15_000,
          circuitBreaker: { threshold: 5, openMs: 60_000 },
        },
        intervalSeconds: { sync: 600, cleanup: 300, 'auto-expiry': 300, 'auto-delete-stale': 86_400 },
        leaseTtlMs: 60_000,
        gracePeriodSeconds: 1_800,
        labDurationSeconds: 14_400,
        namePrefix: '',
        staleGracePeriodSeconds: 86_400,
        cleanup: { batchSize: 10, batchDelayMs: 2_000, perSandboxDelayMs: 0, maxAttempts: 3 },
      },
      accessDeniedExitMs: 180_000,
      logLevel: 'info',
    });
  });

  it('reports everything that is missing at once', () => {
    expect(faultsOf({})).toEqual([
      'CSP_BASE_URL is required: the URL of the portal, such as https://portal.example.com/api',
      "CSP_API_TOKEN is required: the portal's API token",
      'AWS_REGION is required, unless DDB_ENDPOINT_URL names a local engine',
    ]);
  });

  it.each([
    ['SYNC_INTERVAL_SEC', '0'],
    ['CLEANUP_INTERVAL_SEC', '5 min'],
    ['AUTO_EXPIRY_INTERVAL_SEC', '-1'],
    ['AUTO_DELETE_STALE_INTERVAL_SEC', '604801'],
    ['CLEANUP_BATCH_SIZE', '0'],
    ['DELETION_RETRY_MAX_ATTEMPTS', '0'],
    ['CIRCUIT_BREAKER_THRESHOLD', 'many'],
    ['JOB_LEASE_SEC', '2'],
    ['ACCESS_DENIED_EXIT_SEC', '0'],
    ['WORKER_PORT', '70000'],
  ])('refuses %s=%s, and says what it should be', (variable, value) => {
    expect(faultsOf({ ...REQUIRED, [variable]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${variable} must be a whole number from \\d+ to \\d+$`)),
    ]);
  });

  it('never shows the token that it refuses', () => {
    const [fault] = faultsOf({ ...REQUIRED, CSP_API_TOKEN: 'secret with spaces' });

    expect(fault).toBe('CSP_API_TOKEN must be printable characters without spaces');
  });
});
