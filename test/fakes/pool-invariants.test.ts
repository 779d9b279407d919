import { poolViolations } from './pool-invariants';
import {
  allocatedSandbox,
  availableSandbox,
  claimOf,
  SAMPLE_ALLOCATION,
  SAMPLE_OF_STATUS,
} from './sandbox-samples';

const HELD = allocatedSandbox();

describe('poolViolations', () => {
  it('finds none where exactly the allocated sandboxes are claimed', () => {
    const sandboxes = Object.values(SAMPLE_OF_STATUS).map((sandbox, index) => ({
      ...sandbox,
      sandboxId: String(index),
    }));
    const claims = [{ ...claimOf(HELD), sandboxId: '1' }];

    expect(poolViolations({ sandboxes, claims })).toEqual([]);
    expect(poolViolations({ sandboxes: [], claims: [] })).toEqual([]);
  });

  it('finds a sandbox that is allocated without a claim', () => {
    expect(poolViolations({ sandboxes: [HELD], claims: [] })).toEqual([
      'sandbox 2009521 is allocated to ["student-1","student-1"], who has no claim for it',
    ]);
  });

  it('finds a claim without its sandbox', () => {
    expect(poolViolations({ sandboxes: [], claims: [claimOf(HELD)] })).toEqual([
      '["student-1","student-1"] claims sandbox 2009521, which is not there',
    ]);
  });

  it('finds a claim whose sandbox is not allocated', () => {
    expect(poolViolations({ sandboxes: [availableSandbox()], claims: [claimOf(HELD)] })).toEqual([
      '["student-1","student-1"] claims sandbox 2009521, which is available',
    ]);
  });

  it('finds a claim whose sandbox is allocated to somebody else', () => {
    const theirs = allocatedSandbox({ allocation: { ...SAMPLE_ALLOCATION, idempotencyKey: 'another' } });

    expect(poolViolations({ sandboxes: [theirs], claims: [claimOf(theirs), claimOf(HELD)] })).toContain(
      '["student-1","student-1"] claims sandbox 2009521, which is allocated to ["student-1","another"]',
    );
  });

  it('finds two sandboxes of one caller and key', () => {
    const second = allocatedSandbox({ sandboxId: '2' });

    expect(poolViolations({ sandboxes: [HELD, second], claims: [claimOf(HELD)] })).toContain(
      'two sandboxes are allocated to ["student-1","student-1"]',
    );
  });
});
