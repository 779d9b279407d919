import type { Sandbox } from '../../app/allocation/sandbox';
import type { InventoryStore } from '../../app/store/inventory-store';
import { sandboxToItem } from '../../app/store/items';
import type { SandboxStore } from '../../app/store/sandbox-store';
import { shardOf } from '../../app/store/table';

interface Change {
  before: Sandbox | undefined;
  after: Sandbox | undefined;
  /** Until then the indexes show what was before. */
  untilMs: number;
}

/**
 * Makes the lists of an engine whose indexes never lag show each row as it was before its last writes, for as long as
 * `lagMs` says of each write. What was before comes with the last page of a list: nobody relies on the order of hints.
 */
export class LaggingLists {
  #changes: Change[] = [];

  constructor(
    private readonly nowMs: () => number,
    private readonly lagMs: () => number,
  ) {}

  store(inner: SandboxStore): SandboxStore {
    const lagging: Partial<SandboxStore> = {
      allocate: async (...args) => {
        const outcome = await inner.allocate(...args);
        if (outcome.kind === 'allocated') this.#note(args[0], args[1]);
        return outcome;
      },
      endAllocation: (...args) => this.#noting(args[0], args[1], () => inner.endAllocation(...args)),
      add: (...args) => this.#noting(undefined, args[0], () => inner.add(...args)),
      findAvailable: async (segment, page, options) => {
        const found = await inner.findAvailable(segment, page, options);
        const past = found.cursor === undefined ? this.#past('available', segment.shard) : [];
        const isMeant = (row: Sandbox): boolean =>
          segment.by === 'name'
            ? row.name.startsWith(segment.prefix)
            : isBetween(row, segment.from, segment.to);
        const items = [...found.items, ...past.filter(isMeant)].filter((row) => this.#isShown(row));
        return { ...found, items: items.filter((row) => row.status === 'available') };
      },
    };
    return withMethods(inner, lagging);
  }

  inventory(inner: InventoryStore): InventoryStore {
    const lagging: Partial<InventoryStore> = {
      save: (...args) => this.#noting(args[0], args[1], () => inner.save(...args)),
      remove: (...args) => this.#noting(args[0], undefined, () => inner.remove(...args)),
      listByStatus: async (segment, page, options) => {
        const found = await inner.listByStatus(segment, page, options);
        const past = found.next === undefined ? this.#past(segment.status, segment.shard) : [];
        const meant = past.filter((row) => isBetween(row, 0, segment.upTo ?? Number.POSITIVE_INFINITY));
        return { ...found, items: [...found.items, ...meant].filter((row) => this.#isShown(row)) };
      },
    };
    return withMethods(inner, lagging);
  }

  async #noting<Outcome extends { kind: string }>(
    before: Sandbox | undefined,
    after: Sandbox | undefined,
    write: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const outcome = await write();
    if (outcome.kind === 'written') this.#note(before, after);
    return outcome;
  }

  #note(before: Sandbox | undefined, after: Sandbox | undefined): void {
    const nowMs = this.nowMs();
    this.#changes = this.#changes.filter(({ untilMs }) => untilMs > nowMs);
    this.#changes.push({ before, after, untilMs: nowMs + this.lagMs() });
  }

  #past(status: Sandbox['status'], shard: number): Sandbox[] {
    return this.#recent().flatMap(({ before }) =>
      before?.status === status && shardOf(before.sandboxId) === shard ? [before] : [],
    );
  }

  #isShown(row: Sandbox): boolean {
    return !this.#recent().some(
      ({ after }) => after?.sandboxId === row.sandboxId && after.version === row.version,
    );
  }

  #recent(): Change[] {
    const nowMs = this.nowMs();
    return this.#changes.filter(({ untilMs }) => untilMs > nowMs);
  }
}

/** The same store, with some of its methods replaced. */
function withMethods<Store extends object>(inner: Store, methods: Partial<Store>): Store {
  return new Proxy(inner, {
    get: (_target, name) => {
      const own = methods[name as keyof Store];
      if (own !== undefined) return own;
      const method: unknown = Reflect.get(inner, name, inner);
      return typeof method === 'function' ? (method.bind(inner) as unknown) : method;
    },
  });
}

function isBetween(row: Sandbox, from: number, to: number): boolean {
  const order = Number(sandboxToItem(row).status_order?.N);
  return order >= from && order <= to;
}
