/* eslint-disable jest/no-export -- a suite for the tests of each adapter to run */
import type { PortalBinding, PortalBindingStore } from '../../app/store/portal-binding';

const BINDING: PortalBinding = {
  portal: 'https://portal.example.com/api',
  initialisedAt: 1_700_000_000,
  initialisedBy: 'admin API',
  tableId: undefined,
};

/** What a {@link PortalBindingStore} promises, whatever it is made of. */
export function describePortalBindings(name: string, newStore: () => Promise<PortalBindingStore>): void {
  describe(`${name}, as a PortalBindingStore`, () => {
    let store: PortalBindingStore;

    beforeEach(async () => {
      store = await newStore();
    });

    it('finds no binding in a new table, but the id of the table', async () => {
      const { binding, tableId } = await store.find();

      expect(binding).toBeUndefined();
      expect(tableId).toMatch(/./);
    });

    it('finds the binding as it was written', async () => {
      const { tableId } = await store.find();
      const binding = { ...BINDING, tableId };

      expect(await store.bind(binding, undefined)).toBe(true);

      expect(await store.find()).toEqual({ binding, tableId });
    });

    it('binds a table once', async () => {
      const bound = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          store.bind({ ...BINDING, initialisedBy: `admin ${index}` }, undefined),
        ),
      );

      expect(bound.filter((isBound) => isBound)).toHaveLength(1);
    });

    it('replaces the binding that was seen, and no other', async () => {
      const moved = { ...BINDING, portal: 'https://new.example.com', initialisedAt: 1_700_000_900 };
      await store.bind(BINDING, undefined);

      expect(await store.bind(moved, { ...BINDING, initialisedAt: 1 })).toBe(false);
      expect((await store.find()).binding).toEqual(BINDING);
      expect(await store.bind(moved, BINDING)).toBe(true);
      expect((await store.find()).binding).toEqual(moved);
    });
  });
}
