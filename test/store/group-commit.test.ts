import { setImmediate as everythingElse } from 'node:timers/promises';
import { GroupCommit, type MemberResult } from '../../app/store/group-commit';
import { observe } from '../fakes/observe';

/** A request is the keys that it writes to; its outcome is their text. */
type Request = string[];

const done = (request: Request): MemberResult<string> => ({ kind: 'done', outcome: request.join('+') });

/** A group that was sent, and how it ends. */
interface SentGroup {
  requests: Request[];
  signal: AbortSignal;
  answer: (results: MemberResult<string>[]) => Promise<void>;
  succeed: () => Promise<void>;
  fail: (error: Error) => Promise<void>;
}

let sent: SentGroup[];
let groups: GroupCommit<Request, string>;
let nowMs: number;

/** Milliseconds of real time, for the tests in which an answer stays away. */
const ANSWER_LIMIT_MS = 20;

beforeEach(() => {
  nowMs = 0;
  begin();
});

/** A new one, on which no answer is late unless a test is about that. */
function begin(answerLimitMs = 60_000): void {
  sent = [];
  groups = new GroupCommit<Request, string>({
    maxConcurrentGroups: 2,
    maxGroupSize: 3,
    maxConcurrentAlone: 4,
    aloneMs: 1_000,
    answerLimitMs,
    monotonicMs: () => nowMs,
    isThrottled: (outcome) => outcome === 'throttled',
    keysOf: (request) => request,
    onAbort: (reason) => new Error('given up', { cause: reason }),
    send: (requests, signal) =>
      new Promise((resolve, reject) => {
        const answer = async (results: MemberResult<string>[]): Promise<void> => {
          resolve(results);
          await everythingElse();
        };
        sent.push({
          requests,
          signal,
          answer,
          succeed: () => answer(requests.map(done)),
          fail: async (error) => {
            reject(error);
            await everythingElse();
          },
        });
      }),
  });
}

/** Submits requests of one key each. */
function submit(...keys: string[]): ReturnType<typeof observe<string>>[] {
  return keys.map((key) => observe(groups.submit([key])));
}

/** The group that was sent as the n-th. */
function group(index: number): SentGroup {
  const found = sent[index];
  if (!found) throw new Error(`Only ${sent.length} groups were sent`);
  return found;
}

/** The error with which a promise fails, looked for from now on: nobody may find it unhandled meanwhile. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'did not fail',
    (error: unknown) => error,
  );
}

const keysOf = ({ requests }: SentGroup): string => requests.map((request) => request.join('+')).join(' ');

describe('GroupCommit', () => {
  it('sends a request at once and alone while there is room', () => {
    submit('a', 'b');

    expect(sent.map(keysOf)).toEqual(['a', 'b']);
  });

  it('sends together, in order, what came while there was none', async () => {
    submit('a', 'b', 'c', 'd', 'e', 'f');

    await group(0).succeed();
    expect(sent.map(keysOf)).toEqual(['a', 'b', 'c d e']);
    await group(1).succeed();
    expect(sent.map(keysOf)).toEqual(['a', 'b', 'c d e', 'f']);
  });

  it('gives each member its own outcome', async () => {
    const members = submit('a', 'b', 'c', 'd');
    for (let index = 0; index < 3; index += 1) await group(index).succeed();

    expect(members.map(({ state }) => state)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('never has two under way that write to the same', async () => {
    submit('a', 'b');
    observe(groups.submit(['x', 'claim']));
    observe(groups.submit(['y', 'claim']));
    observe(groups.submit(['z']));

    await group(0).succeed();
    await group(1).succeed();
    // Not even beside it, while there is room: they would only meet in the table.
    expect(sent.slice(2).map(keysOf)).toEqual(['x+claim z']);

    await group(2).succeed();
    expect(sent.slice(3).map(keysOf)).toEqual(['y+claim']);
  });

  it('sends those again who were not to blame, among themselves and before those who came later', async () => {
    const members = submit('a', 'b', 'c', 'd', 'e', 'f', 'g');
    await group(0).succeed();
    await group(2).answer([{ kind: 'again' }, { kind: 'done', outcome: 'd was gone' }, { kind: 'again' }]);

    expect(keysOf(group(3))).toBe('c e');
    expect(members[3]?.state).toBe('d was gone');
    expect(members[2]?.state).toBe('pending');
    await group(3).succeed();
    expect(members[2]?.state).toBe('c');
  });

  it('brings one through a crowd in which all others are refused, however many come', async () => {
    const isRefused = (request: Request): boolean => request[0] !== 'newcomer';
    submit('r1', 'r2', 'r3', 'r4');
    const newcomer = observe(groups.submit(['newcomer']));
    for (let round = 0; round < 6 && newcomer.state === 'pending'; round += 1) {
      submit(...Array.from({ length: 6 }, (_, index) => `r${round}-${index}`));
      const { requests, answer } = group(round);
      const isSpoilt = requests.some(isRefused);
      await answer(
        requests.map((request) => (isRefused(request) || !isSpoilt ? done(request) : { kind: 'again' })),
      );
    }

    expect(newcomer.state).toBe('newcomer');
  });

  it('fails one member alone', async () => {
    submit('a', 'b');
    const [spoilt, healthy] = [groups.submit(['c']), groups.submit(['d'])];
    await group(0).succeed();

    const failure = failureOf(spoilt);
    await group(2).answer([{ kind: 'failed', error: new Error('c is spoilt') }, done(['d'])]);

    expect(await failure).toEqual(new Error('c is spoilt'));
    expect(await healthy).toBe('d');
  });

  it('fails every member when the group has no answer, and goes on with the next', async () => {
    submit('a', 'b');
    const members = ['c', 'd', 'e', 'f'].map((key) => groups.submit([key]));
    await group(0).succeed();

    const failures = members.slice(0, 3).map(failureOf);
    await group(2).fail(new Error('no answer'));

    expect(await Promise.all(failures)).toEqual(failures.map(() => new Error('no answer')));
    await group(3).succeed();
    expect(await members[3]).toBe('f');
  });

  it('lets go of one that gives up while it waits, without sending it', async () => {
    submit('a', 'b');
    const abort = new AbortController();
    const given = groups.submit(['c'], abort.signal);
    submit('d');

    const failure = failureOf(given);
    abort.abort();
    expect(await failure).toEqual(new Error('given up'));
    await group(0).succeed();

    expect(keysOf(group(2))).toBe('d');
  });

  it('lets go of one that gives up while it is under way; the others get their outcome', async () => {
    submit('a', 'b');
    const abort = new AbortController();
    const given = groups.submit(['c'], abort.signal);
    const other = groups.submit(['d']);
    await group(0).succeed();

    const failure = failureOf(given);
    abort.abort();
    expect(await failure).toEqual(new Error('given up'));

    expect(group(2).signal.aborted).toBe(false);
    await group(2).succeed();
    expect(await other).toBe('d');
  });

  it('sends none again that has given up meanwhile', async () => {
    submit('a', 'b');
    const abort = new AbortController();
    const failure = failureOf(groups.submit(['c'], abort.signal));
    submit('d');
    await group(0).succeed();
    abort.abort();
    expect(await failure).toEqual(new Error('given up'));

    await group(2).answer([{ kind: 'again' }, done(['d'])]);

    expect(sent).toHaveLength(3);
  });

  it('ends a call when all for whom it works have given up', async () => {
    submit('a', 'b');
    const aborts = [new AbortController(), new AbortController()];
    const failures = aborts.map(({ signal }, index) => failureOf(groups.submit([`c${index}`], signal)));
    await group(0).succeed();

    aborts[0]?.abort();
    expect(group(2).signal.aborted).toBe(false);
    aborts[1]?.abort();
    expect(group(2).signal.aborted).toBe(true);
    expect(await Promise.all(failures)).toEqual([new Error('given up'), new Error('given up')]);
  });

  it('refuses at once whose signal has fired before', async () => {
    await expect(groups.submit(['a'], AbortSignal.abort())).rejects.toThrow('given up');

    expect(sent).toHaveLength(0);
  });

  describe('after a member was throttled', () => {
    beforeEach(async () => {
      submit('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
      await group(0).succeed();
      await group(2).answer([{ kind: 'done', outcome: 'throttled' }, { kind: 'again' }, { kind: 'again' }]);
    });

    it('sends each alone, more of them at a time', () => {
      expect(sent.slice(3).map(keysOf)).toEqual(['d', 'e', 'f']);
    });

    it('sends together again when no member has been for a while', async () => {
      nowMs = 1_000;
      for (const index of [1, 3, 4]) await group(index).succeed();
      submit('i', 'j', 'k');
      await group(5).succeed();

      expect(sent.slice(6).map(keysOf)).toEqual(['g h', 'i j k']);
    });
  });

  describe('when an answer stays away', () => {
    beforeEach(() => {
      begin(ANSWER_LIMIT_MS);
    });

    it('gives up the group, and tells each member that its fate is not known', async () => {
      submit('a', 'b');
      const members = ['c', 'd'].map((key) => groups.submit([key]));
      await group(0).succeed();

      const failures = await Promise.all(members.map(failureOf));

      expect(failures).toEqual([new Error('given up'), new Error('given up')]);
      expect(group(2).signal.aborted).toBe(true);
    });

    it('sends those who wait alone, while the keys of the group are free again', async () => {
      const hanging = submit('a', 'b').length;
      submit('c', 'd', 'e', 'f');
      await failureOf(groups.submit(['a']));

      expect(sent.slice(hanging).map(keysOf)).toEqual(expect.arrayContaining(['c', 'd', 'e', 'f', 'a']));
      expect(sent.every(({ requests }) => requests.length === 1)).toBe(true);
    });

    it('believes no answer that comes after that', async () => {
      const failure = failureOf(groups.submit(['a']));
      expect(await failure).toEqual(new Error('given up'));

      await group(0).succeed();
      const again = observe(groups.submit(['a']));
      await group(1).succeed();

      expect(again.state).toBe('a');
    });
  });
});
