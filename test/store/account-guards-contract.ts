/* eslint-disable jest/no-export -- a part of the contract of an InventoryStore */
import type { AccountRow } from '../../app/store/inventory-store';
import { RowRefusedError } from '../../app/store/sandbox-store';
import {
  allocatedSandbox,
  availableSandbox,
  claimOf,
  deletedSandbox,
  deletionFailedSandbox,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
  staleSandbox,
} from '../fakes/sandbox-samples';
import type { InventoryHarness } from './store-harness';

/** What a store promises of the guards that keep each account to one row. */
export function describeAccountGuards(name: string, newHarness: () => Promise<InventoryHarness>): void {
  let harness: InventoryHarness;

  beforeEach(async () => {
    harness = await newHarness();
  });

  describe(`${name}, guards of accounts`, () => {
    const row = availableSandbox();
    const twin = availableSandbox({ sandboxId: 'twin' });

    it('tells whose an account is, by whatever path it is named', async () => {
      await harness.store.add(row);

      const key = row.externalId.split('/').at(-1) ?? '';
      expect(await harness.inventory.accountHolder(row.externalId)).toBe(row.sandboxId);
      expect(await harness.inventory.accountHolder(`elsewhere/${key}`)).toBe(row.sandboxId);
      expect(await harness.inventory.accountHolder(row.externalId.toUpperCase())).toBe(row.sandboxId);
      expect(await harness.inventory.accountHolder('identity/accounts/another')).toBeUndefined();
      expect(await harness.inventory.accountHolder('identity/accounts/..')).toBeUndefined();
    });

    it('guards an account once, for the first row that asks', async () => {
      await harness.seedUnguarded([row, twin]);
      expect(await harness.inventory.guardAccount(row)).toEqual({ kind: 'written' });
      expect(await harness.inventory.guardAccount(row)).toEqual({ kind: 'written' });
      expect(await harness.inventory.guardAccount(twin)).toEqual({
        kind: 'identity_conflict',
        heldBy: row.sandboxId,
      });
      const third = { ...twin, sandboxId: 'third' };
      expect(await harness.store.add(third)).toEqual({ kind: 'identity_conflict', heldBy: row.sandboxId });
    });

    it('guards an account once, however the case of its id changes', async () => {
      const shouted = { ...twin, externalId: row.externalId.toUpperCase() };
      await harness.store.add(row);

      const conflict = { kind: 'identity_conflict', heldBy: row.sandboxId };
      expect(await harness.store.add(shouted)).toEqual(conflict);
      await harness.seedUnguarded([shouted]);
      expect(await harness.inventory.guardAccount(shouted)).toEqual(conflict);
    });

    it('moves a guard from the row that is named, and from no other', async () => {
      await harness.seedUnguarded([row, twin]);
      await harness.inventory.guardAccount(row);

      expect(await harness.inventory.guardAccount(twin, { insteadOf: 'somebody-else' })).toEqual({
        kind: 'identity_conflict',
        heldBy: row.sandboxId,
      });
      expect(await harness.inventory.guardAccount(twin, { insteadOf: row.sandboxId })).toEqual({
        kind: 'written',
      });
      expect(await harness.inventory.accountHolder(row.externalId)).toBe(twin.sandboxId);
    });

    it('guards no account for a row that was removed, or has another account now', async () => {
      await harness.seedUnguarded([{ ...row, externalId: 'identity/accounts/another' }]);

      expect(await harness.inventory.guardAccount(row)).toEqual({ kind: 'gone' });
      expect(await harness.inventory.guardAccount(twin)).toEqual({ kind: 'gone' });
      await harness.inventory.guardAccount({ ...row, externalId: 'identity/accounts/another' });
      expect(await harness.inventory.accountHolder(row.externalId)).toBeUndefined();
    });

    it('guards no row whose external id ends in no account', async () => {
      const odd = { ...row, externalId: '' };

      await expect(harness.inventory.guardAccount(odd)).rejects.toBeInstanceOf(RowRefusedError);
    });

    it('lets an account that nobody has used come back after its stale row was removed', async () => {
      const stale = staleSandbox();
      await harness.seed({ sandboxes: [stale] });
      await harness.inventory.remove(stale);

      expect(await harness.store.add(twin)).toEqual({ kind: 'written' });
    });

    it.each([pendingDeletionSandbox(), deletionFailedSandbox(), deletedSandbox()])(
      'lets no account come back whose $status row was removed, under whatever id',
      async (used) => {
        await harness.seed({ sandboxes: [used] });
        await harness.inventory.remove(used);

        for (const account of [row, twin]) {
          expect(await harness.store.add(account)).toEqual({
            kind: 'identity_conflict',
            heldBy: used.sandboxId,
          });
        }
      },
    );

    it('scans the account of every row, whatever its status, and of nothing else', async () => {
      const samples = Object.values(SAMPLE_OF_STATUS);
      const sandboxes = samples.map((sample, index) => ({ ...sample, sandboxId: `row-${index}` }));
      await harness.seed({ sandboxes, claims: [claimOf(allocatedSandbox())] });

      const rows: AccountRow[] = [];
      let after: string | undefined;
      do {
        const page = await harness.inventory.scan({ after });
        rows.push(...page.rows);
        expect(page.unreadable).toBeUndefined();
        after = page.next;
      } while (after !== undefined);

      const expected = sandboxes.map(({ sandboxId, externalId, createdAt, status }) => ({
        ...{ sandboxId, externalId, createdAt, status },
      }));
      const inOrder = (list: AccountRow[]): AccountRow[] =>
        [...list].sort((a, b) => a.sandboxId.localeCompare(b.sandboxId));
      expect(inOrder(rows)).toEqual(inOrder(expected));
    });

    it('leaves the guard of another row when it removes a duplicate', async () => {
      const duplicate = staleSandbox({ sandboxId: 'duplicate' });
      await harness.seed({ sandboxes: [allocatedSandbox(), duplicate] });

      expect(await harness.inventory.remove(duplicate)).toEqual({ kind: 'written' });

      expect(await harness.inventory.accountHolder(row.externalId)).toBe(row.sandboxId);
    });
  });
}
