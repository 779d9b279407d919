import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExamples } from './support/describe-examples';
import {
  LANGUAGES,
  runExample,
  sourced,
  type ExampleScript,
  type ScriptResult,
} from './support/example-scripts';
import {
  errorStep,
  sandboxStep,
  startScriptedApi,
  type ScriptedApi,
  type ScriptStep,
} from './support/scripted-api';

/*
 * The scripts in examples/ against an API that fails as the test says: what they send, when they try again, what they
 * make of the answers. Against the real system they run in examples.test.ts.
 */

jest.setTimeout(120_000);

const given = ({ headers }: ScriptedApi['requests'][number]): unknown[] =>
  ['authorization', 'x-instruqt-sandbox-id', 'idempotency-key', 'x-instruqt-track-id'].map(
    (name) => headers[name],
  );

describeExamples('the example scripts, when things go wrong', () => {
  let api: ScriptedApi;
  let home: string;

  beforeAll(async () => {
    api = await startScriptedApi();
  });
  afterAll(async () => {
    await api.stop();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'examples-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const run = async (
    script: ExampleScript,
    settings: Record<string, string | undefined> = {},
  ): Promise<ScriptResult> =>
    runExample(script, {
      HOME: home,
      BROKER_API_URL: api.url,
      BROKER_API_TOKEN: 'track-token',
      INSTRUQT_PARTICIPANT_ID: 'student-1',
      ...settings,
    });
  const play = async (
    script: ExampleScript,
    steps: ScriptStep[],
    settings: Record<string, string | undefined> = {},
  ): Promise<ScriptResult> => {
    api.play(...steps);
    return run(script, settings);
  };

  describe.each(LANGUAGES)('in $name', ({ name, setUp, cleanUp }) => {
    it('tries again with the same headers, and never earlier than Retry-After says', async () => {
      const steps = [
        errorStep(503, 'ALLOCATION_CONTENDED', { 'Retry-After': '1' }),
        errorStep(429, 'RATE_LIMIT_EXCEEDED', { 'retry-after': '1' }),
        errorStep(409, 'NO_SANDBOXES_AVAILABLE', { 'Retry-After': '0' }),
        'reset' as const,
        'half' as const,
        { status: 502, text: '<html>Bad gateway</html>' },
        { status: 503, headers: { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }, text: '' },
        sandboxStep(),
      ];

      const result = await play(setUp, steps, { INSTRUQT_TRACK_SLUG: 'a lab' });

      expect(result).toMatchObject({ exitCode: 0, stdout: '' });
      expect(api.requests).toHaveLength(steps.length);
      const [first, ...later] = api.requests.map(given);
      expect(first).toEqual(['Bearer track-token', 'student-1', 'student-1', 'a lab']);
      for (const headers of later) expect(headers).toEqual(first);
      const [one, two, three] = api.requests.map(({ atMs }) => atMs) as [number, number, number];
      expect(two - one).toBeGreaterThanOrEqual(1_000);
      expect(three - two).toBeGreaterThanOrEqual(1_000);
      expect(result.stderr).toContain('503 ALLOCATION_CONTENDED');
    });

    it.each([
      [400, 'VALIDATION_ERROR'],
      [401, 'UNAUTHORIZED'],
      [403, 'FORBIDDEN'],
      [404, 'ROUTE_NOT_FOUND'],
      [413, 'PAYLOAD_TOO_LARGE'],
    ])('does not try again what is refused with %i %s', async (status, code) => {
      for (const [script, settings] of [
        [setUp, { BROKER_DEADLINE_SECONDS: '20' }],
        [cleanUp, { BROKER_DEADLINE_SECONDS: '20', SANDBOX_ID: '2009537' }],
      ] as const) {
        const result = await play(script, [errorStep(status, code)], settings);

        expect(result.exitCode).toBe(3);
        expect(result.stderr).toContain(`${status} ${code}: A message. (request id: request-1)`);
        expect(api.requests).toHaveLength(1);
      }
    });

    it('does not follow a redirect, which would take the token elsewhere', async () => {
      const step = { status: 302, headers: { Location: `${api.url}/allocate` }, text: '' };

      expect(await play(setUp, [step, sandboxStep()])).toMatchObject({ exitCode: 3 });
      expect(api.requests).toHaveLength(1);
    });

    it('gives up at once when it is told to wait beyond its deadline', async () => {
      const settings = { BROKER_DEADLINE_SECONDS: '20', SANDBOX_ID: '2009537' };
      const wait = { 'Retry-After': '100' };

      const empty = await play(setUp, [errorStep(409, 'NO_SANDBOXES_AVAILABLE', wait)], settings);
      expect(empty.exitCode).toBe(4);
      expect(api.requests).toHaveLength(1);
      const busy = await play(setUp, [errorStep(503, 'SERVICE_UNAVAILABLE', wait)], settings);
      expect(busy.exitCode).toBe(5);
      expect(api.requests).toHaveLength(1);
      const cleaning = await play(cleanUp, [errorStep(503, 'SERVICE_UNAVAILABLE', wait)], settings);
      expect(cleaning.exitCode).toBe(5);
      expect(api.requests).toHaveLength(1);
    });

    it('gives up at its deadline when nobody answers, and says so', async () => {
      const settings = { BROKER_DEADLINE_SECONDS: '1', SANDBOX_ID: '2009537' };

      for (const script of [setUp, cleanUp]) {
        const result = await play(script, ['reset'], settings);

        // How many tries there is room for is up to the machine.
        expect(result.exitCode).toBe(5);
        expect(result.stderr).toMatch(/Giving up after \d+ tries: no answer/);
      }
    });

    it.each(['hang', 'drip'] as const)('does not wait for ever for an answer: %s', async (step) => {
      const result = await play(setUp, [step, sandboxStep()], { BROKER_TIMEOUT_SECONDS: '2' });

      expect(result.exitCode).toBe(0);
      expect(api.requests).toHaveLength(2);
    });

    it.each([
      { text: '<html>Welcome to the hotel network</html>' },
      { json: [] },
      { json: { sandbox_id: '2009537' } },
    ])('makes nothing of an answer that is not the broker’s: %j', async (answer) => {
      expect(await play(setUp, [{ status: 200, ...answer }])).toMatchObject({ exitCode: 1 });
      expect(readdirSync(home)).toEqual([]);
      const settings = { SANDBOX_ID: '2009538' };
      expect(await play(cleanUp, [{ status: 200, ...answer }], settings)).toMatchObject({ exitCode: 1 });
    });

    it('writes a hostile name so that a shell only reads it', async () => {
      const trap = join(home, 'trap');
      const hostile = `it's "$(touch ${trap})" \`touch ${trap}\` \\ '; touch ${trap} # ü\nexport X='\t!`;

      const result = await play(setUp, [sandboxStep({ name: hostile, sfdc_account_id: null })]);

      expect(result).toMatchObject({ exitCode: 0 });
      const file = join(home, 'sandbox.env');
      expect(sourced(file)).toEqual({
        SANDBOX_ID: '2009537',
        SANDBOX_NAME: hostile,
        SANDBOX_EXTERNAL_ID: 'identity/accounts/249f-ab',
        SANDBOX_ACCOUNT_ID: '249f-ab',
        SANDBOX_SFDC_ACCOUNT_ID: '',
        SANDBOX_ALLOCATED_AT: '1795439003',
        SANDBOX_EXPIRES_AT: '1795453403',
      });
      expect(existsSync(trap)).toBe(false);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readdirSync(home)).toEqual(['sandbox.env']);
    });

    it('writes to standard output when asked to, and says everything else elsewhere', async () => {
      const settings = {
        SANDBOX_ENV_FILE: '-',
        SANDBOX_IDEMPOTENCY_KEY: 'second',
        SANDBOX_NAME_PREFIX: 'lab-',
      };

      const result = await play(setUp, [errorStep(500, 'INTERNAL_ERROR'), sandboxStep()], settings);

      expect(result.exitCode).toBe(0);
      expect(result.stdout.trimEnd().split('\n')).toHaveLength(7);
      expect(result.stdout).toMatch(/^(export SANDBOX_[A-Z_]+='[^']*'\n)+$/);
      expect(readdirSync(home)).toEqual([]);
      expect(api.requests[0]?.headers).toMatchObject({
        'idempotency-key': 'second',
        'x-sandbox-name-prefix': 'lab-',
      });
    });

    it('says when the lines cannot be written, and leaves nothing behind', async () => {
      const settings = { SANDBOX_ENV_FILE: join(home, 'no such folder', 'sandbox.env') };

      expect(await play(setUp, [sandboxStep()], settings)).toMatchObject({ exitCode: 6 });
      const full = await play(setUp, [sandboxStep()], { SANDBOX_ENV_FILE: home });
      expect(full).toMatchObject({ exitCode: 6 });
      expect(readdirSync(home)).toEqual([]);
    });

    it.each([
      ['BROKER_API_URL', undefined],
      ['BROKER_API_URL', 'broker.example.com'],
      ['BROKER_API_URL', 'file:///etc/passwd'],
      ['BROKER_API_TOKEN', undefined],
      ['BROKER_API_TOKEN', 'two words'],
      ['BROKER_API_TOKEN', 'a"\nheader = "X: y'],
      ['INSTRUQT_PARTICIPANT_ID', undefined],
      ['INSTRUQT_PARTICIPANT_ID', 'a\r\nX-Injected: b'],
      ['BROKER_DEADLINE_SECONDS', '0'],
      ['BROKER_RETRY_BASE_MS', 'soon'],
    ])('refuses to begin with %s=%j', async (variable, value) => {
      const settings = { [variable]: value, SANDBOX_ID: '2009537' };

      for (const script of [setUp, cleanUp]) {
        const result = await play(script, [sandboxStep()], settings);
        expect(result.exitCode).toBe(2);
        expect(result.stderr).toContain('ERROR');
        expect(result.stderr).not.toContain('two words');
      }
      expect(api.requests).toHaveLength(0);
    });

    it('gives back what set-up wrote down, reading the file and not running it', async () => {
      const file = join(home, 'sandbox.env');
      const trap = join(home, 'trap');
      writeFileSync(file, `touch '${trap}'\nexport SANDBOX_ID='2009537'\n`);

      const result = await play(cleanUp, [{ status: 200, json: { sandbox_id: '2009537' } }]);

      expect(result).toMatchObject({ exitCode: 0 });
      expect(api.requests[0]).toMatchObject({
        method: 'POST',
        path: '/v1/sandboxes/2009537/mark-for-deletion',
        headers: { 'x-instruqt-sandbox-id': 'student-1' },
      });
      expect(existsSync(trap)).toBe(false);
    });

    it.each(['../admin/sync', 'a b', 'a?b', ''])('makes no path of the sandbox id %j', async (id) => {
      writeFileSync(join(home, 'sandbox.env'), `export SANDBOX_ID='${id}'\n`);

      const result = await play(cleanUp, [{ status: 200, json: {} }]);

      expect(result.exitCode).toBe(id === '' ? 0 : 2);
      expect(api.requests).toHaveLength(0);
    });

    it('has nothing to give back where set-up wrote nothing', async () => {
      const result = await play(cleanUp, [{ status: 200, json: {} }]);

      expect(result).toMatchObject({ exitCode: 0 });
      expect(result.stderr).toContain('Nothing to give back');
      expect(api.requests).toHaveLength(0);
    });

    it.each([
      [404, 'SANDBOX_NOT_FOUND'],
      [403, 'ALLOCATION_EXPIRED'],
    ])('counts %i %s as given back', async (status, code) => {
      const result = await play(cleanUp, ['reset', errorStep(status, code)], { SANDBOX_ID: '2009537' });

      expect(result.exitCode).toBe(0);
      expect(api.requests).toHaveLength(2);
    });

    it('does not take a missing page of something else for a sandbox that is gone', async () => {
      const result = await play(cleanUp, [{ status: 404, text: 'Not found' }], { SANDBOX_ID: '2009537' });

      expect(result.exitCode).toBe(3);
    });

    if (name === 'bash') {
      it('shows the token on no command line, and limits every call in time', async () => {
        const calls = join(home, 'calls');
        const stub = join(home, 'curl');
        writeFileSync(
          stub,
          `#!/bin/sh\nprintf '%s\\n' "$@" >> '${calls}'\nPATH="\${PATH#*:}" exec curl "$@"\n`,
        );
        chmodSync(stub, 0o755);
        const settings = { PATH: `${home}:${process.env.PATH ?? ''}`, SANDBOX_ID: '2009537' };

        await play(setUp, [sandboxStep()], settings);
        await play(cleanUp, [{ status: 200, json: { sandbox_id: '2009537' } }], settings);

        expect(api.requests[0]?.headers.authorization).toBe('Bearer track-token');
        const words = readFileSync(calls, 'utf8').split('\n');
        expect(words.filter((word) => word === '--max-time')).toHaveLength(2);
        expect(words.filter((word) => word === '--connect-timeout')).toHaveLength(2);
        expect(words.join('\n')).not.toContain('track-token');
      });
    }
  });

  it('writes the same lines in both languages', async () => {
    const texts = [];
    for (const { setUp } of LANGUAGES) {
      await play(setUp, [sandboxStep({ name: `a 'b' "c" \\d ü €` })]);
      texts.push(readFileSync(join(home, 'sandbox.env'), 'utf8'));
    }

    expect(texts[0]).toBe(texts[1]);
  });
});
