import { parseApiConfig } from '../app/config';
import { ConfigError, EXIT_CODE_BAD_CONFIG } from '../app/environment';

/** What a development machine must set, and a portal for those processes that know one. */
const REQUIRED = {
  BROKER_API_TOKEN: 'track-token',
  BROKER_ADMIN_TOKEN: 'admin-token',
  AWS_REGION: 'eu-central-1',
  CSP_BASE_URL: 'http://127.0.0.1:9000',
  CSP_API_TOKEN: 'portal-token',
};

/** Tokens as `openssl rand -hex 32` makes them. */
const PRODUCTION = {
  ...REQUIRED,
  NODE_ENV: 'production',
  BROKER_API_TOKEN: '6d1f0a94c2be4c3c9f7bd2a1e5c80f5a',
  BROKER_ADMIN_TOKEN: 'b84e1d07a3f94f6c8d25c9e7f0a16b3d',
};

type Environment = Record<string, string | undefined>;

/** What is said to be wrong with an environment; nothing if it is fine. */
function faultsOf(env: Environment): string[] {
  try {
    parseApiConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('parseApiConfig', () => {
  it('needs tokens and a region; everything else has a default', () => {
    expect(parseApiConfig(REQUIRED)).toMatchObject({
      apiTokens: ['track-token'],
      adminTokens: ['admin-token'],
      basePath: '/v1',
      port: 8_080,
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
      labDurationSeconds: 4 * 3_600,
      gracePeriodSeconds: 30 * 60,
      corsAllowedOrigins: '*',
      rateLimitPerCaller: { perSecond: 50, burst: 200 },
      rateLimitPerIp: { perSecond: 500, burst: 2_000 },
      metricsCacheMs: 60_000,
      allocateTimeBudgetMs: 2_000,
      drainMs: 30_000,
      logLevel: 'info',
      isProduction: false,
    });
  });

  it('takes every variable', () => {
    const config = parseApiConfig({
      ...REQUIRED,
      API_BASE_PATH: '/broker/v2',
      PORT: '9090',
      DDB_TABLE_NAME: 'pool.of-lab_1',
      DDB_GSI1_NAME: 'by-status',
      DDB_GSI2_NAME: 'by-track',
      DDB_GSI3_NAME: 'by-name',
      DDB_ENDPOINT_URL: 'http://127.0.0.1:8000',
      LAB_DURATION_HOURS: '2',
      GRACE_PERIOD_MINUTES: '0',
      CORS_ALLOWED_ORIGINS: 'https://play.instruqt.com, http://localhost:3000',
      RATE_LIMIT_PER_SECOND: '1',
      RATE_LIMIT_BURST: '2',
      RATE_LIMIT_PER_IP_PER_SECOND: '3',
      RATE_LIMIT_PER_IP_BURST: '4',
      METRICS_CACHE_SECONDS: '5',
      STATUS_REPORT_SEC: '7',
      POOL_REPORT_SEC: '70',
      ALLOCATE_TIME_BUDGET_MS: '600',
      DRAIN_SECONDS: '0',
      LOG_LEVEL: 'debug',
      NODE_ENV: 'test',
    });

    expect(config).toMatchObject({
      basePath: '/broker/v2',
      port: 9_090,
      table: {
        tableNames: {
          table: 'pool.of-lab_1',
          statusIndex: 'by-status',
          trackIndex: 'by-track',
          nameIndex: 'by-name',
        },
        region: 'eu-central-1',
        endpoint: 'http://127.0.0.1:8000',
      },
      labDurationSeconds: 2 * 3_600,
      gracePeriodSeconds: 0,
      corsAllowedOrigins: ['https://play.instruqt.com', 'http://localhost:3000'],
      rateLimitPerCaller: { perSecond: 1, burst: 2 },
      rateLimitPerIp: { perSecond: 3, burst: 4 },
      metricsCacheMs: 5_000,
      statusReport: { intervalMs: 7_000, maxPoolAgeMs: 70_000 },
      allocateTimeBudgetMs: 600,
      drainMs: 0,
      logLevel: 'debug',
      isProduction: false,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = {
      PORT: '',
      API_BASE_PATH: '',
      CORS_ALLOWED_ORIGINS: '',
      DDB_ENDPOINT_URL: '',
      LOG_LEVEL: '',
    };

    expect(parseApiConfig({ ...REQUIRED, ...empty })).toEqual(parseApiConfig(REQUIRED));
  });

  it('needs no region with an engine of its own', () => {
    const env = { ...REQUIRED, AWS_REGION: undefined, DDB_ENDPOINT_URL: 'http://127.0.0.1:8000' };

    expect(parseApiConfig(env).table).toMatchObject({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:8000',
    });
  });

  it.each<[string, string]>([
    ['API_BASE_PATH', 'v1'],
    ['API_BASE_PATH', '/v1/'],
    ['API_BASE_PATH', '/'],
    ['API_BASE_PATH', '/v1?x'],
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', ' 8080'],
    ['PORT', '1e3'],
    ['DDB_TABLE_NAME', 'ab'],
    ['DDB_TABLE_NAME', 'with space'],
    ['DDB_GSI1_NAME', 'a/b'],
    ['DDB_GSI2_NAME', 'x'.repeat(256)],
    ['DDB_GSI3_NAME', 'ä-index'],
    ['DDB_ENDPOINT_URL', 'localhost'],
    ['DDB_ENDPOINT_URL', 'ftp://localhost'],
    ['AWS_REGION', 'Frankfurt'],
    ['AWS_REGION', 'eu-central'],
    ['LAB_DURATION_HOURS', '0'],
    ['LAB_DURATION_HOURS', '721'],
    ['GRACE_PERIOD_MINUTES', '-1'],
    ['GRACE_PERIOD_MINUTES', '1441'],
    ['CORS_ALLOWED_ORIGINS', 'play.instruqt.com'],
    ['CORS_ALLOWED_ORIGINS', 'https://play.instruqt.com/'],
    ['CORS_ALLOWED_ORIGINS', 'https://play.instruqt.com/path'],
    ['CORS_ALLOWED_ORIGINS', 'https://a.example, *'],
    ['CORS_ALLOWED_ORIGINS', 'https://a.example,'],
    ['CORS_ALLOWED_ORIGINS', 'null'],
    ['RATE_LIMIT_PER_SECOND', '0'],
    ['RATE_LIMIT_BURST', '0'],
    ['RATE_LIMIT_PER_IP_PER_SECOND', '1000001'],
    ['RATE_LIMIT_PER_IP_BURST', 'many'],
    ['METRICS_CACHE_SECONDS', '0'],
    ['STATUS_REPORT_SEC', '61'],
    ['POOL_REPORT_SEC', '301'],
    ['ALLOCATE_TIME_BUDGET_MS', '99'],
    ['ALLOCATE_TIME_BUDGET_MS', '30001'],
    ['DRAIN_SECONDS', '101'],
    ['LOG_LEVEL', 'verbose'],
    ['NODE_ENV', 'prod'],
  ])('refuses %s=%s, and says what it should be', (variable, value) => {
    const faults = faultsOf({ ...REQUIRED, [variable]: value });

    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${variable} must (be|begin) `));
  });

  it.each([
    { lacks: 'BROKER_API_TOKEN', env: { ...REQUIRED, BROKER_API_TOKEN: undefined } },
    { lacks: 'BROKER_ADMIN_TOKEN', env: { ...REQUIRED, BROKER_ADMIN_TOKEN: '' } },
    { lacks: 'AWS_REGION', env: { ...REQUIRED, AWS_REGION: undefined } },
  ])('refuses to do without $lacks', ({ lacks, env }) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(new RegExp(`^${lacks} is required`))]);
  });

  it('reports all faults together, those between variables too', () => {
    const faults = faultsOf({
      NODE_ENV: 'production',
      BROKER_API_TOKEN: 'short',
      PORT: 'http',
      LOG_LEVEL: 'loud',
      LAB_DURATION_HOURS: '0',
      CSP_BASE_URL: REQUIRED.CSP_BASE_URL,
      CSP_API_TOKEN: REQUIRED.CSP_API_TOKEN,
    });

    const variables = faults.map((fault) => fault.split(' ')[0]).sort();
    expect(variables).toEqual([
      'AWS_REGION',
      'BROKER_ADMIN_TOKEN',
      'BROKER_API_TOKEN',
      'LAB_DURATION_HOURS',
      'LOG_LEVEL',
      'PORT',
    ]);
  });

  it('lists each fault on a line of its own', () => {
    const parse = (): unknown => parseApiConfig({ ...REQUIRED, PORT: 'http', LOG_LEVEL: 'loud' });

    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(/^The configuration is not valid:\n {2}PORT must be .*\n {2}LOG_LEVEL must be .*$/);
    expect(EXIT_CODE_BAD_CONFIG).toBe(78);
  });

  it('does not blame a region that is at fault itself for being missing, too', () => {
    expect(faultsOf({ ...REQUIRED, AWS_REGION: 'Frankfurt' })).toHaveLength(1);
  });
});

describe('the tokens', () => {
  it('may be two, while one replaces the other', () => {
    const config = parseApiConfig({ ...REQUIRED, BROKER_API_TOKEN: 'old-token, new-token' });

    expect(config.apiTokens).toEqual(['old-token', 'new-token']);
  });

  it.each(['one,two,three', 'one,', ',two', 'with space', 'with"quote', 'ümlaut', ','])(
    'may not be %j',
    (tokens) => {
      expect(faultsOf({ ...REQUIRED, BROKER_API_TOKEN: tokens })).toEqual([
        expect.stringMatching(/^BROKER_API_TOKEN must be one token, or two/),
      ]);
    },
  );

  it.each([
    ['same', 'same'],
    ['old,shared', 'shared'],
    ['shared', 'new,shared'],
  ])('of tracks (%s) and admins (%s) may not overlap', (tracks, admins) => {
    expect(faultsOf({ ...REQUIRED, BROKER_API_TOKEN: tracks, BROKER_ADMIN_TOKEN: admins })).toEqual([
      expect.stringContaining('must not share a token'),
    ]);
  });

  it.each([
    { BROKER_API_TOKEN: 's3cret with spaces' },
    { BROKER_API_TOKEN: 's3cret', BROKER_ADMIN_TOKEN: 's3cret' },
    { NODE_ENV: 'production', BROKER_API_TOKEN: 's3cret' },
    { NODE_ENV: 'production', BROKER_API_TOKEN: 's3cret-example-s3cret-example' },
  ])('never stand in an error message (%j)', (env) => {
    const parse = (): unknown => parseApiConfig({ ...REQUIRED, ...env });

    expect(parse).toThrow(ConfigError);
    expect(parse).not.toThrow(/s3cret/);
  });
});

describe('in production', () => {
  it('takes a full configuration', () => {
    expect(parseApiConfig(PRODUCTION).isProduction).toBe(true);
  });

  it('takes two good tokens', () => {
    const { BROKER_API_TOKEN: token } = PRODUCTION;
    const env = { ...PRODUCTION, BROKER_API_TOKEN: `${token},${token.toUpperCase()}` };

    expect(parseApiConfig(env).apiTokens).toHaveLength(2);
  });

  it('names a wrong origin by its place: it may be a token set on the wrong variable', () => {
    const misplaced = `http://localhost:3000, ${PRODUCTION.BROKER_ADMIN_TOKEN}`;

    expect(faultsOf({ ...PRODUCTION, CORS_ALLOWED_ORIGINS: misplaced })).toEqual([
      'CORS_ALLOWED_ORIGINS must be * or origins such as https://play.instruqt.com, separated by commas; ' +
        'number 2 is not an origin',
    ]);
  });

  it('takes * for CORS, which is only warned about', () => {
    expect(parseApiConfig({ ...PRODUCTION, CORS_ALLOWED_ORIGINS: '*' }).corsAllowedOrigins).toBe('*');
  });

  it.each(['BROKER_API_TOKEN', 'BROKER_ADMIN_TOKEN'] as const)('refuses a short %s', (variable) => {
    expect(faultsOf({ ...PRODUCTION, [variable]: 'k7Jx0qLz93Vb_-a' })).toEqual([
      `${variable} must have at least 16 characters in production`,
    ]);
    expect(faultsOf({ ...PRODUCTION, [variable]: 'k7Jx0qLz93Vb_-ab' })).toEqual([]);
  });

  it('refuses a short token beside a good one', () => {
    const env = { ...PRODUCTION, BROKER_API_TOKEN: `${PRODUCTION.BROKER_API_TOKEN},short` };

    expect(faultsOf(env)).toHaveLength(1);
  });

  it.each([
    'example-token-0123456789',
    'changeme-changeme-changeme',
    'change-me-please-change-me',
    'replace_me_with_a_real_one',
    'your-token-goes-here-0123',
    'PLACEHOLDER-0123456789abc',
    'my-secret-token-0123456789',
    'test-0123456789abcdef0123',
    'dummy-token-0123456789abcd',
    'local-track-token-01234567',
    'dev-0123456789abcdef012345',
    'xxxxxxxxxxxxxxxxxxxxxxxxxx',
    '00000000000000000000000000',
  ])('refuses %s, which looks like an example', (token) => {
    expect(faultsOf({ ...PRODUCTION, BROKER_ADMIN_TOKEN: token })).toEqual([
      expect.stringMatching(/^BROKER_ADMIN_TOKEN looks like an example/),
    ]);
  });

  it('minds none of that on a development machine', () => {
    expect(faultsOf({ ...REQUIRED, BROKER_API_TOKEN: 'test', BROKER_ADMIN_TOKEN: 'changeme' })).toEqual([]);
  });
});

describe('the prefix of the pool', () => {
  it.each([
    ['is empty when it is not set: all accounts', undefined, ''],
    ['is empty when it says *: all accounts', '*', ''],
    ['is what it says', 'lab-', 'lab-'],
    ['may hold an asterisk among others', '*lab', '*lab'],
  ])('%s', (_words, value, namePrefix) => {
    expect(parseApiConfig({ ...REQUIRED, POOL_NAME_PREFIX: value }).jobs.namePrefix).toBe(namePrefix);
  });
});
