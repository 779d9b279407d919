import type { AvailableSandbox } from '../../../app/allocation/sandbox';
import { allocate, stock } from '../../../app/allocation/transitions';
import { claimToItem, sandboxToItem } from '../../../app/store/items';
import type { TimedAnswer } from '../../../bench/load/raw-connection';
import { judgeFailureRound } from '../../../bench/partial-failure/failure-round';
import type { KeyFault } from '../../../bench/partial-failure/key-faults';

const SANDBOX: AvailableSandbox = stock({ sandboxId: '1', name: 'one', externalId: 'x/1' }, 5, 1_000);
const FAULT: KeyFault = { kind: 'hang', isBad: (key) => key === 'CLAIM#unlucky#unlucky' };

const answer = (status: number, endedAtMs: number, body: unknown): TimedAnswer => ({
  status,
  body: JSON.stringify(body),
  startedAtMs: 100,
  endedAtMs,
});

describe('judgeFailureRound', () => {
  it('leaves out the callers whose own claim fails, and checks the answers against the table', () => {
    const allocated = allocate(SANDBOX, {
      caller: 'served',
      idempotencyKey: 'served',
      allocatedAt: 1_000,
      expiresAt: 2_000,
    });
    const claim = claimToItem({ caller: 'served', idempotencyKey: 'served', sandboxId: '1' }, 1_000);
    const round = judgeFailureRound(
      [
        [{ caller: 'served' }, answer(201, 130, { sandbox_id: '1' })],
        [{ caller: 'refused' }, answer(503, 150, { error: { code: 'ALLOCATION_CONTENDED' } })],
        [{ caller: 'unlucky' }, answer(503, 190, { error: { code: 'SERVICE_UNAVAILABLE' } })],
      ],
      FAULT,
      [SANDBOX],
      [sandboxToItem(allocated), claim],
    );

    expect(round).toEqual({
      healthyCount: 2,
      servedCount: 1,
      unavailableCount: 1,
      falseEmptyCount: 0,
      allServedCount: 1,
      failures: { '503 ALLOCATION_CONTENDED': 1 },
      lastServedMs: 30,
      lastAnswerMs: 90,
      doubleCount: 0,
      unfoundedCount: 0,
      untoldCount: 0,
    });
  });
});
