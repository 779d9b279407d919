import type { Clock } from '../../app/allocation/clock';
import type { AvailableSandbox } from '../../app/allocation/sandbox';
import type { AllocateOutcome, AvailableSegment, Page, SandboxStore } from '../../app/store/sandbox-store';
import { shardOf } from '../../app/store/table';

const GHOST_CURSOR = 'ghosts-after:';

/**
 * Gives a store whose indexes are always up to date, such as a local engine's, indexes that lag: they go on listing a
 * sandbox as it was before it was taken, for as long as `lagMs` says of that take.
 *
 * A segment's ghosts come on pages of their own, behind the real ones: the order of candidates means nothing to those
 * who read them.
 */
export class LaggingIndexStore implements SandboxStore {
  readonly endAllocation: SandboxStore['endAllocation'];
  readonly endOrphanedClaim: SandboxStore['endOrphanedClaim'];
  readonly add: SandboxStore['add'];
  readonly getSandbox: SandboxStore['getSandbox'];
  readonly getClaim: SandboxStore['getClaim'];
  readonly countByStatus: SandboxStore['countByStatus'];
  readonly ping: SandboxStore['ping'];

  #ghosts: { sandbox: AvailableSandbox; untilMs: number }[] = [];

  constructor(
    private readonly inner: SandboxStore,
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly lagMs: () => number,
  ) {
    this.endAllocation = inner.endAllocation.bind(inner);
    this.endOrphanedClaim = inner.endOrphanedClaim.bind(inner);
    this.add = inner.add.bind(inner);
    this.getSandbox = inner.getSandbox.bind(inner);
    this.getClaim = inner.getClaim.bind(inner);
    this.countByStatus = inner.countByStatus.bind(inner);
    this.ping = inner.ping.bind(inner);
  }

  async allocate(...args: Parameters<SandboxStore['allocate']>): Promise<AllocateOutcome> {
    const outcome = await this.inner.allocate(...args);
    if (outcome.kind === 'allocated') {
      this.#ghosts.push({ sandbox: args[0], untilMs: this.clock.nowMs() + this.lagMs() });
    }
    return outcome;
  }

  async findAvailable(
    ...[segment, page, options]: Parameters<SandboxStore['findAvailable']>
  ): Promise<Page<AvailableSandbox>> {
    if (page.cursor?.startsWith(GHOST_CURSOR)) {
      return this.#ghostPage(segment, page.limit, page.cursor.slice(GHOST_CURSOR.length));
    }
    const found = await this.inner.findAvailable(segment, page, options);
    return { items: found.items, cursor: found.cursor ?? GHOST_CURSOR };
  }

  #ghostPage(segment: AvailableSegment, limit: number, afterId: string): Page<AvailableSandbox> {
    const nowMs = this.clock.nowMs();
    this.#ghosts = this.#ghosts.filter(({ untilMs }) => nowMs < untilMs);
    const items = this.#ghosts
      .map(({ sandbox }) => sandbox)
      .filter((sandbox) => isIn(segment, sandbox) && sandbox.sandboxId > afterId)
      .sort((a, b) => (a.sandboxId < b.sandboxId ? -1 : 1))
      .slice(0, limit);
    const lastId = items.at(-1)?.sandboxId;
    return {
      items,
      cursor: items.length === limit && lastId !== undefined ? GHOST_CURSOR + lastId : undefined,
    };
  }
}

function isIn(segment: AvailableSegment, sandbox: AvailableSandbox): boolean {
  if (shardOf(sandbox.sandboxId) !== segment.shard) return false;
  return segment.by === 'name'
    ? sandbox.name.startsWith(segment.prefix)
    : sandbox.queuePosition >= segment.from && sandbox.queuePosition <= segment.to;
}
