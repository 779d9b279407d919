import { writePatiently } from '../../app/jobs/write-patiently';
import type { WriteOutcome } from '../../app/store/sandbox-store';
import { FakeClock } from '../fakes/fake-clock';

/** Writes with these outcomes in turn; tells how many were used, and what time passed at worst. */
async function write(
  outcomes: WriteOutcome['kind'][],
): Promise<{ outcome: { kind: string }; tries: number; passedMs: number }> {
  const clock = new FakeClock(0);
  let tries = 0;
  const attempt = (): Promise<WriteOutcome> => {
    tries += 1;
    return Promise.resolve({ kind: outcomes[Math.min(tries, outcomes.length) - 1] ?? 'written' });
  };
  const outcome = await clock.passUntil(writePatiently(attempt, { clock, random: () => 1 }));
  return { outcome, tries, passedMs: clock.nowMs() };
}

describe('writePatiently', () => {
  it.each(['written', 'changed'] as const)('takes %s as it is, at once', async (kind) => {
    expect(await write([kind])).toEqual({ outcome: { kind }, tries: 1, passedMs: 0 });
  });

  it.each(['throttled', 'conflict'] as const)('tries again after %s', async (kind) => {
    expect(await write([kind, kind, 'written'])).toMatchObject({ outcome: { kind: 'written' }, tries: 3 });
  });

  it('gives up after six tries, with growing delays between them', async () => {
    expect(await write(['throttled'])).toEqual({
      outcome: { kind: 'throttled' },
      tries: 6,
      passedMs: 100 + 200 + 400 + 800 + 1_600,
    });
  });

  it('does not try again what has moved on meanwhile', async () => {
    expect(await write(['conflict', 'changed', 'written'])).toMatchObject({
      outcome: { kind: 'changed' },
      tries: 2,
    });
  });
});
