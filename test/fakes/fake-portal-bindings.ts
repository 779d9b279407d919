import type { FoundBinding, PortalBinding, PortalBindingStore } from '../../app/store/portal-binding';

/** Where tests say that the portal is, unless they say otherwise. */
export const PORTAL_URL = 'https://portal.example.com/api';

/** A {@link PortalBindingStore} in memory. It passes the same contract as DynamoDB's. */
export class FakePortalBindings implements PortalBindingStore {
  binding?: PortalBinding;
  tableId?: string = 'table-1';

  /** Bound to {@link PORTAL_URL}, as a table in use is. */
  static bound(): FakePortalBindings {
    const bindings = new FakePortalBindings();
    bindings.binding = {
      portal: PORTAL_URL,
      initialisedAt: 1_700_000_000,
      initialisedBy: 'test',
      tableId: bindings.tableId,
    };
    return bindings;
  }

  find(): Promise<FoundBinding> {
    return Promise.resolve(structuredClone({ binding: this.binding, tableId: this.tableId }));
  }

  bind(binding: PortalBinding, seen: PortalBinding | undefined): Promise<boolean> {
    const isAsSeen =
      this.binding?.portal === seen?.portal && this.binding?.initialisedAt === seen?.initialisedAt;
    if (isAsSeen) this.binding = structuredClone(binding);
    return Promise.resolve(isAsSeen);
  }
}
