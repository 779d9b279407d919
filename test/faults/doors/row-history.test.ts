import { sandboxToItem, type Item } from '../../../app/store/items';
import type { Sandbox } from '../../../app/allocation/sandbox';
import {
  allocatedSandbox,
  availableSandbox,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
} from '../../fakes/sandbox-samples';
import { RowHistory } from './row-history';

let history: RowHistory;

beforeEach(() => {
  history = new RowHistory();
});

function see(sandbox: Sandbox | undefined, atMs: number): void {
  const item = sandbox && sandboxToItem(sandbox);
  history.observe('2009521', { item, sentAtMs: atMs, seenAtMs: atMs + 10 });
}

function statuses(rows: { before: Item | undefined; now: Item | undefined }[]): unknown[] {
  return rows.map(({ before, now }) => [before?.status?.S, now?.status?.S]);
}

describe('what a row was', () => {
  it('is known for as long as an index may lag', () => {
    see(availableSandbox(), 1_000);
    see(allocatedSandbox(), 2_000);
    see(pendingDeletionSandbox(), 3_000);

    expect(statuses(history.changedSince(3_011))).toEqual([]);
    expect(statuses(history.changedSince(3_009))).toEqual([['allocated', 'pending_deletion']]);
    expect(statuses(history.changedSince(1_500))).toEqual([['available', 'pending_deletion']]);
    expect(statuses(history.changedSince(500))).toEqual([[undefined, 'pending_deletion']]);
  });

  it('is not changed by a look that comes too late', () => {
    see(availableSandbox(), 1_000);
    see(allocatedSandbox(), 2_000);
    history.observe('2009521', { item: sandboxToItem(availableSandbox()), sentAtMs: 1_000, seenAtMs: 2_050 });

    expect(statuses(history.changedSince(1_500))).toEqual([['available', 'allocated']]);
    expect(history.violations).toEqual([]);
  });
});

describe('what lay there', () => {
  it('is what was available and untouched all the time, by name', () => {
    history.load([sandboxToItem(availableSandbox({ name: 'gpu-1' }))]);
    expect(history.restingFrom(-1_000, 1_000)).toEqual(['2009521']);
    expect(history.restingFrom(-1_000, 1_000, 'gpu')).toEqual(['2009521']);
    expect(history.restingFrom(-1_000, 1_000, 'csp')).toEqual([]);

    see(allocatedSandbox(), 2_000);
    expect(history.restingFrom(1_000, 1_999)).toEqual(['2009521']);
    expect(history.restingFrom(1_000, 2_000)).toEqual([]);
    expect(history.restingFrom(2_100, 2_200)).toEqual([]);
  });

  it('is not what came meanwhile', () => {
    see(availableSandbox(), 1_000);
    expect(history.restingFrom(1_009, 2_000)).toEqual([]);
    expect(history.restingFrom(1_010, 2_000)).toEqual(['2009521']);
  });
});

describe('moves that the rules do not have', () => {
  it('are none on the way of a sandbox', () => {
    see(availableSandbox(), 1_000);
    see(allocatedSandbox(), 2_000);
    see(pendingDeletionSandbox({ version: 3 }), 3_000);
    see({ ...SAMPLE_OF_STATUS.deletion_unconfirmed, version: 4 }, 4_000);
    see({ ...SAMPLE_OF_STATUS.deleted, version: 5 }, 5_000);
    expect(history.violations).toEqual([]);
  });

  it('are found: back from the dead, out of a holder’s hands, and versions that do not grow', () => {
    see(availableSandbox(), 1_000);
    see(allocatedSandbox({ version: 2 }), 2_000);
    see(availableSandbox({ version: 3 }), 3_000);
    see({ ...SAMPLE_OF_STATUS.deleted, version: 5 }, 4_000);
    see(availableSandbox({ version: 1 }), 5_000);
    see({ ...SAMPLE_OF_STATUS.stale, version: 1 }, 6_000);

    expect(history.violations).toEqual([
      'sandbox 2009521 went from allocated to available',
      'sandbox 2009521 went from version 5 (deleted) to 1 (available)',
      'sandbox 2009521 went from version 1 (available) to 1 (stale)',
    ]);
  });

  it('are found: a row that changes without a new version', () => {
    history.load([sandboxToItem(allocatedSandbox())]);
    see(allocatedSandbox({ missedSyncs: 1 }), 2_000);
    expect(history.violations).toEqual(['sandbox 2009521 went from version 2 (allocated) to 2 (allocated)']);
  });

  it('are found: a row that is removed while somebody has it', () => {
    see(allocatedSandbox(), 1_000);
    see(undefined, 2_000);
    expect(history.violations).toContain('sandbox 2009521 went from allocated to none');
  });

  it('are not judged where one was missed', () => {
    see(availableSandbox({ version: 1 }), 1_000);
    see(pendingDeletionSandbox({ version: 3 }), 2_000);
    expect(history.violations).toEqual([]);
  });

  it('are found: a row that is to begin as anything but available, whenever the first look comes', () => {
    history.observePut('2009521', sandboxToItem(availableSandbox()));
    expect(history.violations).toEqual([]);

    history.observePut('2009521', sandboxToItem(allocatedSandbox()));
    expect(history.violations).toEqual(['sandbox 2009521 was to begin as allocated']);
  });

  it('are not judged where the first look came late: the engine was away after the row was made', () => {
    see(allocatedSandbox({ version: 977_321 }), 1_000);
    expect(history.violations).toEqual([]);
  });

  it('are not seen in a write that was lost before it made a row', () => {
    see(undefined, 1_000);
    expect(history.violations).toEqual([]);
    expect(statuses(history.changedSince(0))).toEqual([]);
  });
});
