import { isOwnedBy, isPastGrace } from '../../app/allocation/sandbox';
import { allocate, requestDeletion } from '../../app/allocation/transitions';
import {
  allocatedSandbox,
  availableSandbox,
  pendingDeletionSandbox,
  SAMPLE_ALLOCATION,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';

const NOW = 1_700_001_000;

describe('allocate', () => {
  it('makes an available sandbox an allocated one, and keeps what it is', () => {
    const before = availableSandbox({ version: 7 });

    const after = allocate(before, { ...SAMPLE_ALLOCATION, allocatedAt: NOW });

    expect(after).toStrictEqual({
      ...SAMPLE_OF_STATUS.allocated,
      version: 8,
      updatedAt: NOW,
      allocation: { ...SAMPLE_ALLOCATION, allocatedAt: NOW },
    });
    expect(after).not.toHaveProperty('queuePosition');
  });

  it('leaves the state before as it was', () => {
    const before = Object.freeze(availableSandbox());

    expect(() => allocate(before, SAMPLE_ALLOCATION)).not.toThrow();
    expect(before).toEqual(availableSandbox());
  });
});

describe('requestDeletion', () => {
  it('makes an allocated sandbox due for deletion at once, and remembers its holder', () => {
    const before = allocatedSandbox({ version: 2 });

    expect(requestDeletion(before, NOW)).toStrictEqual({
      ...before,
      status: 'pending_deletion',
      version: 3,
      updatedAt: NOW,
      deletionRequestedAt: NOW,
      deletionRetryCount: 0,
      nextAttemptAt: NOW,
    });
  });

  it('leaves the state before as it was', () => {
    const before = Object.freeze(allocatedSandbox());

    expect(() => requestDeletion(before, NOW)).not.toThrow();
    expect(before).toEqual(allocatedSandbox());
  });
});

describe('isOwnedBy', () => {
  const { allocated, pending_deletion, deletion_failed, available, stale, deleted } = SAMPLE_OF_STATUS;

  it.each([allocated, pending_deletion, deletion_failed])(
    'is true for the holder of one that is $status',
    (s) => {
      expect(isOwnedBy(s, 'student-1')).toBe(true);
      expect(isOwnedBy(s, 'student-2')).toBe(false);
    },
  );

  it.each([available, stale, deleted])('is true for nobody when it is $status', (s) => {
    expect(isOwnedBy(s, 'student-1')).toBe(false);
  });

  it('is true for nobody when nobody ever held it', () => {
    expect(isOwnedBy(pendingDeletionSandbox({ allocation: undefined }), 'student-1')).toBe(false);
  });
});

describe('isPastGrace', () => {
  const sandbox = allocatedSandbox({ allocation: { ...SAMPLE_ALLOCATION, expiresAt: 1_000 } });

  it.each([
    { at: 999, past: false },
    { at: 1_000, past: false },
    { at: 1_060, past: false },
    { at: 1_061, past: true },
  ])('is $past at $at when the lab ends at 1000 and the grace period is a minute', ({ at, past }) => {
    expect(isPastGrace(sandbox, at, 60)).toBe(past);
  });
});
