import { SAMPLE_OF_STATUS } from '../../fakes/sandbox-samples';
import type { Sandbox, SandboxStatus } from '../../../app/allocation/sandbox';
import { accountViolations, type WorldAtRest } from './accounts';

function row(sandboxId: string, status: SandboxStatus): Sandbox {
  return { ...SAMPLE_OF_STATUS[status], sandboxId };
}

function world(changes: Partial<WorldAtRest>): string[] {
  return accountViolations({
    sandboxes: [row('1', 'available'), row('2', 'deleted'), row('3', 'stale')],
    accountIds: new Set(['1']),
    usedIds: new Set(['2']),
    excusedIds: new Set(),
    ...changes,
  });
}

describe('accountViolations', () => {
  it('finds none where every account is available, and every used one is gone', () => {
    expect(world({})).toEqual([]);
  });

  it('finds an account that the table does not know', () => {
    expect(world({ accountIds: new Set(['1', '4']) })).toEqual([
      'account 4 is lost: the table does not know it',
    ]);
  });

  it('finds a sandbox that could be given out though its account is gone', () => {
    expect(world({ accountIds: new Set() })).toEqual(['sandbox 1 is available, but its account is gone']);
  });

  it('finds a tombstone whose account lives, unless that is excused', () => {
    const accountIds = new Set(['1', '2']);
    expect(world({ accountIds })).toEqual(['sandbox 2 is a tombstone, but its account lives']);
    expect(world({ accountIds, excusedIds: new Set(['2']) })).toEqual([]);
  });

  it('finds a used sandbox that is available again, or forgotten', () => {
    expect(world({ usedIds: new Set(['1', '4']) })).toEqual([
      'sandbox 1 was used, and is available',
      'sandbox 4 was used, and is forgotten',
    ]);
  });
});
