import { nowSeconds, type Clock } from '../allocation/clock';
import { CorruptItemError } from '../store/items';
import {
  bindingFault,
  portalIdentity,
  type FoundBinding,
  type PortalBindingStore,
} from '../store/portal-binding';

/** Whether this process's portal is the one that the table belongs to. Jobs ask before they believe a list. */
export class PortalCheck {
  readonly #portal: string;

  /** @param baseUrl of the portal that this process calls. */
  constructor(
    private readonly bindings: PortalBindingStore,
    baseUrl: string,
    private readonly clock: Clock,
  ) {
    this.#portal = portalIdentity(baseUrl);
  }

  /** Why nothing may be added, marked or deleted, and what to do about it; `undefined` if all is well. */
  async fault(): Promise<string | undefined> {
    const found = await this.#find();
    return typeof found === 'string' ? found : bindingFault(found, this.#portal);
  }

  /**
   * Binds the table to the portal, because an admin says so. A table of another portal stays as it is, and its fault is
   * the answer.
   */
  async initialise(by: string): Promise<string | undefined> {
    const found = await this.#find();
    if (typeof found === 'string') return found;
    if (!this.#isNeeded(found)) return bindingFault(found, this.#portal);
    await this.bindings.bind(
      {
        portal: this.#portal,
        initialisedAt: nowSeconds(this.clock),
        initialisedBy: by,
        tableId: found.tableId,
      },
      found.binding,
    );
    // Whoever came first: what stands now decides.
    return this.fault();
  }

  /** A binding that cannot be read binds to nothing, and is no failure of the process: its fault is the answer. */
  async #find(): Promise<FoundBinding | string> {
    try {
      return await this.bindings.find();
    } catch (error) {
      if (!(error instanceof CorruptItemError)) throw error;
      return (
        `This table may belong to any portal. ${error.message} Until it is corrected or removed, nothing is added, ` +
        'marked or deleted.'
      );
    }
  }

  #isNeeded(found: FoundBinding): boolean {
    const isOfAnother = found.binding !== undefined && found.binding.portal !== this.#portal;
    return !isOfAnother && bindingFault(found, this.#portal) !== undefined;
  }
}
