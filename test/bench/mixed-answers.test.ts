import { allocate, stock } from '../../app/allocation/transitions';
import { claimToItem, sandboxToItem, type Item } from '../../app/store/items';
import type { AllocateCall } from '../../bench/load/load-generator';
import type { TimedAnswer } from '../../bench/load/raw-connection';
import { judgeMixedAnswers } from '../../bench/mixed-answers';

const NOW = 1_800_000_000;

const answer = (
  caller: string,
  status: number,
  sandboxId: string | undefined,
  durationMs = 1,
): [AllocateCall, TimedAnswer] => [
  { caller },
  {
    status,
    body: JSON.stringify({ sandbox_id: sandboxId }),
    startedAtMs: 1_000,
    endedAtMs: 1_000 + durationMs,
  },
];

const heldBy = (caller: string, sandboxId: string): Item[] => {
  const sandbox = stock({ sandboxId, name: sandboxId, externalId: `identity/accounts/${sandboxId}` }, 1, NOW);
  const allocation = { caller, idempotencyKey: caller, allocatedAt: NOW, expiresAt: NOW + 1 };
  return [
    sandboxToItem(allocate(sandbox, allocation)),
    claimToItem({ caller, idempotencyKey: caller, sandboxId }, NOW),
  ];
};

const HELD = new Map([
  ['anna', '1'],
  ['ben', '2'],
]);

describe('judgeMixedAnswers', () => {
  it('tells newcomers and repeaters apart', () => {
    const answered = [
      answer('anna', 200, '1', 10),
      answer('ben', 200, '2', 20),
      answer('cleo', 201, '3', 30),
    ];
    const items = [...heldBy('anna', '1'), ...heldBy('ben', '2'), ...heldBy('cleo', '3')];

    expect(judgeMixedAnswers(answered, HELD, items)).toEqual({
      newcomers: { callCount: 1, p50Ms: 30, p99Ms: 30, failedCount: 0 },
      repeaters: { callCount: 2, p50Ms: 10, p99Ms: 20, failedCount: 0, wrongCount: 0 },
      doubleCount: 0,
    });
  });

  it('counts repeaters who are told of another sandbox, whatever the status, and those who are refused', () => {
    const answered = [answer('anna', 201, '3'), answer('ben', 503, undefined), answer('cleo', 201, '4')];

    expect(judgeMixedAnswers(answered, HELD, [])).toMatchObject({
      newcomers: { failedCount: 0 },
      repeaters: { failedCount: 1, wrongCount: 1 },
    });
  });

  it('counts a newcomer who is given what another holds', () => {
    const answered = [answer('anna', 200, '1'), answer('cleo', 201, '1'), answer('dora', 409, undefined)];

    expect(judgeMixedAnswers(answered, HELD, heldBy('anna', '1'))).toMatchObject({
      newcomers: { failedCount: 1 },
      doubleCount: 1,
    });
  });

  it('has no repeaters when there are none', () => {
    expect(judgeMixedAnswers([answer('cleo', 201, '3')], HELD, []).repeaters).toBeUndefined();
  });
});
