import type { NotedCall } from '../people/notebook';
import { deletedWhileHeld, holdingsOf, notebookViolations } from './holdings';

/** Labs that last until second 100, with a grace of 2 seconds. */
const GRACE_SECONDS = 2;

function noted(call: Partial<NotedCall>): NotedCall {
  const sentAtMs = call.sentAtMs ?? 1_000;
  return {
    caller: 'ada',
    key: 'ada',
    action: 'allocate',
    sandboxId: '1',
    status: 200,
    endedAtMs: sentAtMs + 10,
    ...(call.action === undefined ? { expiresAt: 100 } : {}),
    ...call,
    sentAtMs,
  };
}

function violations(...calls: Partial<NotedCall>[]): string[] {
  return notebookViolations(calls.map(noted), GRACE_SECONDS);
}

describe('holdingsOf', () => {
  it('begins with the first answer and ends with the first call that gives the sandbox back', () => {
    const calls = [
      { sentAtMs: 1_000 },
      { sentAtMs: 2_000 },
      { action: 'mark', sentAtMs: 3_000, status: undefined } as const,
      { action: 'mark', sentAtMs: 4_000 } as const,
    ];

    expect(holdingsOf(calls.map(noted), GRACE_SECONDS)).toEqual([
      { caller: 'ada', key: 'ada', sandboxId: '1', fromMs: 1_010, toMs: 3_000, expiresAtMs: 102_000 },
    ]);
  });

  it('ends with the grace when nobody gives it back', () => {
    expect(holdingsOf([noted({})], GRACE_SECONDS)).toMatchObject([{ fromMs: 1_010, toMs: 102_000 }]);
  });

  it('knows of none where no answer came, or another answer', () => {
    const calls = [
      { status: undefined, sandboxId: undefined },
      { status: 409, sandboxId: undefined },
    ];
    expect(holdingsOf(calls.map(noted), GRACE_SECONDS)).toEqual([]);
  });
});

describe('notebookViolations', () => {
  it('finds nothing wrong with a lab that is taken, looked at, given back, and taken anew', () => {
    expect(
      violations(
        {},
        { sentAtMs: 2_000 },
        { action: 'get', sentAtMs: 3_000, sandboxStatus: 'allocated' },
        { action: 'mark', sentAtMs: 4_000, sandboxStatus: 'pending_deletion' },
        { action: 'get', sentAtMs: 5_000, status: 404 },
        { sentAtMs: 6_000, sandboxId: '2' },
      ),
    ).toEqual([]);
  });

  it('finds a sandbox that two students were given, at whatever times', () => {
    expect(
      violations({}, { action: 'mark', sentAtMs: 2_000 }, { caller: 'bob', key: 'bob', sentAtMs: 9_000 }),
    ).toEqual([
      'sandbox 1 was given to ["ada","ada"] and to ["bob","bob"]',
      'sandbox 1 was given to bob after ada gave it back',
    ]);
  });

  it('finds a sandbox that one student was given under two keys', () => {
    expect(violations({}, { key: 'other' })).toEqual([
      'sandbox 1 was given to ["ada","ada"] and to ["ada","other"]',
    ]);
  });

  it('finds two sandboxes under one key at one time', () => {
    expect(violations({}, { sandboxId: '2', sentAtMs: 2_000 })).toEqual([
      '["ada","ada"] held 1 and 2 at the same time',
    ]);
  });

  it('allows two keys a sandbox each, and one key another when the time of the first is over', () => {
    expect(violations({}, { key: 'other', sandboxId: '2' })).toEqual([]);
    expect(violations({}, { sandboxId: '2', sentAtMs: 102_500, expiresAt: 200 })).toEqual([]);
  });

  it('finds a sandbox that is given out again after it was given back', () => {
    expect(violations({}, { action: 'mark', sentAtMs: 2_000 }, { sentAtMs: 3_000 })).toEqual([
      'sandbox 1 was given to ada after ada gave it back',
    ]);
  });

  it('allows the same answer to a call that overtook the giving back', () => {
    expect(
      violations({}, { action: 'mark', sentAtMs: 2_000, endedAtMs: 2_500 }, { sentAtMs: 2_400 }),
    ).toEqual([]);
  });

  it.each([
    { status: 404, code: 'SANDBOX_NOT_FOUND' },
    { status: 403, code: 'NOT_SANDBOX_OWNER' },
    { status: 200, sandboxStatus: 'pending_deletion' },
  ])('finds a look at what one holds that is answered with $status $code$sandboxStatus', (answer) => {
    expect(violations({}, { action: 'get', sentAtMs: 2_000, ...answer })).toEqual([
      expect.stringContaining('ada asked for 1, held it, and was answered'),
    ]);
    // At the edge nobody can say.
    expect(violations({}, { action: 'get', sentAtMs: 1_005, ...answer })).toEqual([]);
    expect(violations({}, { action: 'get', sentAtMs: 101_995, ...answer })).toEqual([]);
  });

  it('finds a student who gives back in time and is refused', () => {
    const answer = { status: 403, code: 'ALLOCATION_EXPIRED' };
    expect(violations({}, { action: 'mark', sentAtMs: 50_000, ...answer })).toEqual([
      'ada gave 1 back in time, and was answered 403 ALLOCATION_EXPIRED',
    ]);
    expect(violations({}, { action: 'mark', sentAtMs: 103_000, ...answer })).toEqual([]);
    // Its way may have been long.
    expect(violations({}, { action: 'mark', sentAtMs: 50_000, endedAtMs: 102_500, ...answer })).toEqual([]);
    expect(violations({}, { action: 'mark', sentAtMs: 50_000, status: 503 })).toEqual([]);
  });
});

describe('deletedWhileHeld', () => {
  const holdings = [
    { caller: 'ada', key: 'ada', sandboxId: '1', fromMs: 1_000, toMs: 2_000, expiresAtMs: 2_000 },
  ];

  it('finds a deletion within a holding, and none before or after it, or of another sandbox', () => {
    const at = (atMs: number, sandboxId = '1'): string[] => deletedWhileHeld([{ sandboxId, atMs }], holdings);

    expect(at(1_500)).toEqual(['sandbox 1 was deleted in the portal while ada held it']);
    expect([...at(999), ...at(2_000), ...at(1_500, '2')]).toEqual([]);
  });
});
