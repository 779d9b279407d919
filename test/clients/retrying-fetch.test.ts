import {
  BrokerUnreachableError,
  retryingFetch,
  type RetryOptions,
} from '../../clients/typescript/retrying-fetch';

/** A broker that gives these answers in turn, and time that passes only by waiting. */
class ScriptedBroker {
  readonly waits: number[] = [];
  readonly requests: { headers: Record<string, string>; body: string }[] = [];
  // A real clock has fractions, which timers refuse.
  nowMs = 0.5;
  random = 0;

  constructor(private readonly answers: (Response | Error)[]) {}

  fetch(options: Partial<RetryOptions> = {}): (request: Request) => Promise<Response> {
    return retryingFetch(options, {
      fetch: async (request) => {
        const headers = Object.fromEntries(request.headers.entries());
        this.requests.push({ headers, body: await request.text() });
        const answer = this.answers[Math.min(this.requests.length, this.answers.length) - 1];
        if (answer instanceof Error || answer === undefined) throw answer ?? new Error('no answer left');
        return answer.clone();
      },
      sleep: (ms) => {
        this.waits.push(ms);
        this.nowMs += ms;
        return Promise.resolve();
      },
      nowMs: () => this.nowMs,
      random: () => this.random,
    });
  }
}

function answerOf(status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status }), { status, headers });
}

function allocateRequest(): Request {
  return new Request('http://broker/v1/allocate', {
    method: 'POST',
    headers: { 'X-Instruqt-Sandbox-ID': 'student-1', 'Idempotency-Key': 'lab-7' },
    body: '{"a":1}',
  });
}

it.each([200, 201, 400, 401, 403, 404, 409, 413])(
  'hands on %d without Retry-After at once',
  async (status) => {
    const broker = new ScriptedBroker([answerOf(status)]);

    const answer = await broker.fetch()(allocateRequest());

    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ status });
    expect(broker.waits).toEqual([]);
  },
);

it.each([200, 202])('starts no second run because %d says when to ask after the first', async (status) => {
  const broker = new ScriptedBroker([answerOf(status, { 'Retry-After': '2' })]);

  expect((await broker.fetch()(allocateRequest())).status).toBe(status);
  expect(broker.requests).toHaveLength(1);
});

it.each([409, 429, 503])('waits as long as %d asks, and a random bit more', async (status) => {
  const broker = new ScriptedBroker([answerOf(status, { 'Retry-After': '3' }), answerOf(201)]);
  broker.random = 0.5;

  const answer = await broker.fetch({ baseDelayMs: 400 })(allocateRequest());

  expect(answer.status).toBe(201);
  expect(broker.waits).toEqual([3_200]);
});

it('sends the same headers and the same body each time', async () => {
  const broker = new ScriptedBroker([answerOf(500), new TypeError('reset'), answerOf(200)]);

  await broker.fetch()(allocateRequest());

  expect(broker.requests).toHaveLength(3);
  expect(broker.requests[0]).toMatchObject({ headers: { 'idempotency-key': 'lab-7' }, body: '{"a":1}' });
  expect(broker.requests[1]).toEqual(broker.requests[0]);
  expect(broker.requests[2]).toEqual(broker.requests[0]);
});

it('waits at random, up to a limit that doubles and then stays, where the broker does not say', async () => {
  const broker = new ScriptedBroker([
    ...[500, 502, 503, 504, 500].map((status) => answerOf(status)),
    answerOf(200),
  ]);
  broker.random = 0.999;

  await broker.fetch({ baseDelayMs: 1_000, maxDelayMs: 5_000 })(allocateRequest());

  expect(broker.waits.map(Math.round)).toEqual([999, 1_998, 3_996, 4_995, 4_995]);
});

it('may wait for no time at all: the jitter is full', async () => {
  const broker = new ScriptedBroker([answerOf(502), answerOf(200)]);

  await broker.fetch()(allocateRequest());

  expect(broker.waits).toEqual([0]);
});

it('gives up with the last answer when the wait would end behind the deadline', async () => {
  const broker = new ScriptedBroker([answerOf(409, { 'Retry-After': '30' })]);

  const answer = await broker.fetch({ deadlineMs: 100_000 })(allocateRequest());

  expect(answer.status).toBe(409);
  expect(broker.waits).toEqual([30_000, 30_000, 30_000]);
});

it('makes no more tries than it may', async () => {
  const broker = new ScriptedBroker([answerOf(500), answerOf(503, { 'Retry-After': '1' }), answerOf(200)]);

  expect((await broker.fetch({ maxTries: 2 })(allocateRequest())).status).toBe(503);
  expect(broker.requests).toHaveLength(2);
});

it('says that nobody answered, and why, when nobody did', async () => {
  const cause = new TypeError('fetch failed');
  const broker = new ScriptedBroker([cause]);
  broker.random = 0.9;

  const failure = broker.fetch({ deadlineMs: 5_000 })(allocateRequest());

  await expect(failure).rejects.toBeInstanceOf(BrokerUnreachableError);
  await expect(failure).rejects.toMatchObject({ cause });
  expect(broker.requests.length).toBeGreaterThan(2);
});

it('tries again when an answer breaks off in its middle', async () => {
  const broken = (): Response =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          controller.error(new TypeError('terminated'));
        },
      }),
    );
  let sent = 0;
  const answer = await retryingFetch(
    {},
    {
      fetch: () => Promise.resolve((sent += 1) === 1 ? broken() : answerOf(200)),
      sleep: () => Promise.resolve(),
    },
  )(allocateRequest());

  expect(await answer.json()).toEqual({ status: 200 });
  expect(sent).toBe(2);
});

it('ends an attempt that hangs, and makes another', async () => {
  let sent = 0;
  const answer = await retryingFetch(
    { attemptTimeoutMs: 20 },
    {
      fetch: async (request) => {
        sent += 1;
        if (sent > 1) return answerOf(200);
        await new Promise((_resolve, reject) => {
          request.signal.addEventListener('abort', () => {
            reject(request.signal.reason as Error);
          });
        });
        throw new Error('not reached');
      },
      sleep: () => Promise.resolve(),
    },
  )(allocateRequest());

  expect(answer.status).toBe(200);
  expect(sent).toBe(2);
});

it('ends at once when its caller says so, also while it waits', async () => {
  const abort = new AbortController();
  const fetching = retryingFetch(
    { baseDelayMs: 60_000, maxDelayMs: 60_000 },
    {
      fetch: () => {
        setImmediate(() => {
          abort.abort(new Error('the lab is over'));
        });
        return Promise.resolve(answerOf(503));
      },
      random: () => 0.9,
    },
  )(new Request('http://broker/v1/allocate', { method: 'POST', signal: abort.signal }));

  await expect(fetching).rejects.toThrow('the lab is over');
});
