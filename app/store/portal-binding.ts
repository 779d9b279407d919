import type { CallOptions } from './sandbox-store';

/** Which portal a table belongs to, and since when. */
export interface PortalBinding {
  /** As {@link portalIdentity} writes it. */
  portal: string;
  /** Unix seconds. */
  initialisedAt: number;
  initialisedBy: string;
  /** DynamoDB's id of the table: another one tells that the item came with a copy of the table. */
  tableId?: string;
}

/** The binding as it stands, and the id of the table in which it was found, if the engine tells one. */
export interface FoundBinding {
  binding?: PortalBinding;
  tableId?: string;
}

/** Where the table remembers its portal. Throws StoreUnavailableError as the sandbox store does. */
export interface PortalBindingStore {
  /**
   * Read consistently.
   *
   * @throws CorruptItemError if the binding cannot be read.
   */
  find(options?: CallOptions): Promise<FoundBinding>;

  /** Binds the table, if the binding is still as it was seen; false if it is not. */
  bind(binding: PortalBinding, seen: PortalBinding | undefined, options?: CallOptions): Promise<boolean>;
}

/**
 * A portal's base URL in one spelling: scheme, host and path, without a final slash. Two spellings of one URL are one
 * portal.
 *
 * @throws TypeError if it is no URL.
 */
export function portalIdentity(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/**
 * Why a table must not be synced or cleaned up with this portal; `undefined` if it belongs to it. A binding that came
 * with a copy of another table is none: what was allocated since the copy was made is not in it.
 */
export function bindingFault({ binding, tableId }: FoundBinding, portal: string): string | undefined {
  if (!binding) return `This table was never initialised for a portal. ${HOW_TO_INITIALISE}`;
  if (binding.portal !== portal) {
    return (
      `This table belongs to the portal ${binding.portal}, and CSP_BASE_URL is ${portal}. If the portal has moved, ` +
      'run "npm run broker -- initialise" with --portal and --replaces.'
    );
  }
  const isCopy = binding.tableId !== undefined && tableId !== undefined && binding.tableId !== tableId;
  return isCopy
    ? `This table was restored or copied from another one (docs/runbooks/restore-the-table.md). ${HOW_TO_INITIALISE}`
    : undefined;
}

const HOW_TO_INITIALISE =
  'Until an admin initialises it, nothing is added, marked or deleted: POST admin/sync?initialise=true, or ' +
  '"npm run broker -- initialise".';
