import type { Sandbox } from '../../../app/allocation/sandbox';

/** What there is when everything has come to rest. */
export interface WorldAtRest {
  sandboxes: readonly Sandbox[];
  /** Active sandboxes of the portal, by id. */
  accountIds: ReadonlySet<string>;
  /** Every sandbox that a student was told of. */
  usedIds: ReadonlySet<string>;
  /**
   * Tombstones whose accounts may live: an admin gave them up, or the portal said that they are gone while they are not.
   */
  excusedIds: ReadonlySet<string>;
}

/** Where table and portal disagree at rest, in words. */
export function accountViolations({ sandboxes, accountIds, usedIds, excusedIds }: WorldAtRest): string[] {
  const rows = new Map(sandboxes.map((sandbox) => [sandbox.sandboxId, sandbox]));
  return [
    ...[...accountIds]
      .filter((id) => !rows.has(id))
      .map((id) => `account ${id} is lost: the table does not know it`),
    ...sandboxes
      .filter(({ status, sandboxId }) => status === 'available' && !accountIds.has(sandboxId))
      .map(({ sandboxId }) => `sandbox ${sandboxId} is available, but its account is gone`),
    ...sandboxes
      .filter(
        ({ status, sandboxId }) =>
          status === 'deleted' && accountIds.has(sandboxId) && !excusedIds.has(sandboxId),
      )
      .map(({ sandboxId }) => `sandbox ${sandboxId} is a tombstone, but its account lives`),
    ...[...usedIds]
      .filter((id) => !['allocated', 'deleted'].includes(rows.get(id)?.status ?? 'none'))
      .map((id) => `sandbox ${id} was used, and is ${rows.get(id)?.status ?? 'forgotten'}`),
  ];
}
