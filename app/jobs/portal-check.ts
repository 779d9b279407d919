import { nowSeconds, type Clock } from '../allocation/clock';
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
    return bindingFault(await this.bindings.find(), this.#portal);
  }

  /**
   * Binds the table to the portal, because an admin says so. A table of another portal stays as it is, and its fault is
   * the answer.
   */
  async initialise(by: string): Promise<string | undefined> {
    const found = await this.bindings.find();
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

  #isNeeded(found: FoundBinding): boolean {
    const isOfAnother = found.binding !== undefined && found.binding.portal !== this.#portal;
    return !isOfAnother && bindingFault(found, this.#portal) !== undefined;
  }
}
