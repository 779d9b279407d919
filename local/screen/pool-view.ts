import type { KnownCounts, SandboxStore, StatusCounts } from '../../app/store/sandbox-store';

const LABELS: Record<keyof StatusCounts, string> = {
  available: 'available',
  allocated: 'allocated',
  pending_deletion: 'pending deletion',
  deletion_unconfirmed: 'unconfirmed',
  deletion_failed: 'failed',
  stale: 'stale',
};

/** The pool in one line, with a question mark for what could not be counted. */
export function describePool(counts: KnownCounts): string {
  const statuses = Object.keys(LABELS) as (keyof StatusCounts)[];
  return `Pool: ${statuses.map((status) => `${counts[status] ?? '?'} ${LABELS[status]}`).join(' · ')}`;
}

/** Shows the pool, and again after each interval. Returns a function that ends it. */
export function watchPool(
  store: Pick<SandboxStore, 'countByStatus'>,
  show: (line: string) => void,
  intervalMs = 1_000,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    const line = await store.countByStatus().then(describePool, () => 'Pool: the table does not answer');
    if (isOver) return;
    show(line);
    timer = setTimeout(() => void look(), intervalMs);
  };
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
