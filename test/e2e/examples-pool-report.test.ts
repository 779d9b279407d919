import { describeExamples } from './support/describe-examples';
import { POOL_REPORT, runExample, type ExampleScript, type ScriptResult } from './support/example-scripts';
import { errorStep, startScriptedApi, type ScriptedApi, type ScriptStep } from './support/scripted-api';

/* What examples/python/pool_report.py makes of answers; in examples.test.ts it reports a real pool. */

jest.setTimeout(60_000);

describeExamples('the report of the pool', () => {
  let api: ScriptedApi;

  beforeAll(async () => {
    api = await startScriptedApi();
  });
  afterAll(async () => {
    await api.stop();
  });
  const play = async (
    script: ExampleScript,
    steps: ScriptStep[],
    settings: Record<string, string>,
  ): Promise<ScriptResult> => {
    api.play(...steps);
    return runExample(script, { BROKER_API_URL: api.url, ...settings });
  };

  /** As a broker of an earlier release answers. */
  const stats = {
    total: 3,
    available: 30,
    allocated: 2,
    pending_deletion: 0,
    deletion_failed: 1,
    stale: 0,
  };
  const jobs = {
    runner: { runner: 'worker', reason: null },
    jobs: [{ name: 'sync', last_run: { outcome: 'success' }, last_success_at: 1_795_439_003 }],
  };
  const page = (sandboxes: unknown[], cursor: string | null = null): ScriptStep => ({
    status: 200,
    json: { sandboxes, count: sandboxes.length, cursor },
  });
  const ok = (json: unknown): ScriptStep => ({ status: 200, json });
  const settings = { BROKER_ADMIN_TOKEN: 'admin-token' };

  it('asks for attention, follows cursors as they are, and shows no control characters', async () => {
    const failed = {
      sandbox_id: '7',
      name: 'x\u001b[2J',
      deletion_given_up: true,
      deletion_retry_count: 3,
    };
    const frozen = { ...jobs, runner: { runner: 'none', reason: 'portal\nmaintenance' } };

    const result = await play(
      POOL_REPORT,
      [
        errorStep(503, 'SERVICE_UNAVAILABLE', { 'Retry-After': '0' }),
        ok({ ...stats, available: 5, deletion_unconfirmed: 4, listed_after_deletion: 2 }),
        page([{ track_name: 'one' }], 'a+b/c=&d'),
        page([{ track_name: null }]),
        page([failed, { ...failed, sandbox_id: '8', deletion_given_up: false }]),
        ok(frozen),
      ],
      settings,
    );

    expect(result).toMatchObject({ exitCode: 10 });
    expect(result.stdout.split('\n').filter((line) => line.startsWith('!'))).toEqual([
      '! Only 5 available: fewer than 20',
      '! 7 (x?[2J) was not deleted in 3 attempts',
      '! The portal lists 2 accounts that count as deleted',
      '! The jobs are frozen: portal?maintenance',
    ]);
    expect(result.stdout).toMatch(/^ {2}deletion_unconfirmed +4$/m);
    const cursor = new URL(api.requests[3]?.path ?? '', api.url).searchParams.get('cursor');
    expect(cursor).toBe('a+b/c=&d');
    expect(api.requests[0]?.headers.authorization).toBe('Bearer admin-token');
  });

  it('is content when all is well', async () => {
    const result = await play(POOL_REPORT, [ok(stats), page([]), page([]), ok(jobs)], settings);

    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('sync              success      last success 2026-11-23');
  });

  it('says what is wrong when it gets no report', async () => {
    expect(await play(POOL_REPORT, [errorStep(403, 'FORBIDDEN')], settings)).toMatchObject({ exitCode: 3 });
    expect(await play(POOL_REPORT, [ok({})], settings)).toMatchObject({ exitCode: 1 });
    expect(await play(POOL_REPORT, [ok({})], {})).toMatchObject({ exitCode: 2 });
  });
});
