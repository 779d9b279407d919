import type { NotedCall } from '../people/notebook';

/** A stretch of time in which a student surely held a sandbox, as far as they themselves can know. */
export interface Holding {
  caller: string;
  key: string;
  sandboxId: string;
  /** When they were told. */
  fromMs: number;
  /** When they began to give it back, or when its time and the grace period were over. */
  toMs: number;
  /** When its time and the grace period are over, whether it is given back before or not. */
  expiresAtMs: number;
}

/** What the notebooks prove: who held what, and when. */
export function holdingsOf(calls: readonly NotedCall[], graceSeconds: number): Holding[] {
  const firstMark = new Map<string, number>();
  for (const { action, caller, sandboxId, sentAtMs } of calls) {
    if (action !== 'mark' || sandboxId === undefined) continue;
    const whose = JSON.stringify([caller, sandboxId]);
    firstMark.set(whose, Math.min(sentAtMs, firstMark.get(whose) ?? Number.POSITIVE_INFINITY));
  }
  const holdings = new Map<string, Holding>();
  for (const { caller, key, sandboxId, endedAtMs, expiresAt } of calls.filter(isGift)) {
    if (sandboxId === undefined || expiresAt === undefined) continue;
    const name = JSON.stringify([caller, key, sandboxId]);
    const givenBackMs = firstMark.get(JSON.stringify([caller, sandboxId])) ?? Number.POSITIVE_INFINITY;
    const expiresAtMs = (expiresAt + graceSeconds) * 1_000;
    const toMs = Math.min(givenBackMs, expiresAtMs);
    const fromMs = Math.min(endedAtMs, holdings.get(name)?.fromMs ?? Number.POSITIVE_INFINITY);
    holdings.set(name, { caller, key, sandboxId, fromMs, toMs, expiresAtMs });
  }
  return [...holdings.values()];
}

/**
 * What the notebooks show to be wrong, in words. A sandbox is used once: whoever is told of it a second time, under
 * another name or key, or after having given it back, holds what somebody used. None may hold two under one key, and
 * nobody be refused what is theirs.
 */
export function notebookViolations(calls: readonly NotedCall[], graceSeconds: number): string[] {
  const holdings = holdingsOf(calls, graceSeconds);
  return [
    ...usedTwice(holdings),
    ...heldTwo(holdings),
    ...cameBack(calls),
    ...refused(calls, holdings),
    ...expiredTooSoon(calls, holdings),
  ];
}

/** Deletions in the portal, by whom ever they were asked for, of what a student held at that time. */
export function deletedWhileHeld(
  deletions: readonly { sandboxId: string; atMs: number }[],
  holdings: readonly Holding[],
): string[] {
  const bySandbox = grouped(holdings, ({ sandboxId }) => sandboxId);
  return deletions.flatMap(({ sandboxId, atMs }) =>
    (bySandbox.get(sandboxId) ?? [])
      .filter(({ fromMs, toMs }) => fromMs < atMs && atMs < toMs)
      .map(({ caller }) => `sandbox ${sandboxId} was deleted in the portal while ${caller} held it`),
  );
}

function usedTwice(holdings: Holding[]): string[] {
  return [...grouped(holdings, ({ sandboxId }) => sandboxId)]
    .filter(([, holders]) => holders.length > 1)
    .map(([id, holders]) => `sandbox ${id} was given to ${holders.map(nameOf).join(' and to ')}`);
}

function heldTwo(holdings: Holding[]): string[] {
  return [...grouped(holdings, nameOf)].flatMap(([name, own]) => {
    const inOrder = own.filter(({ fromMs, toMs }) => fromMs < toMs).sort((a, b) => a.fromMs - b.fromMs);
    return inOrder.flatMap((holding, index) => {
      const next = inOrder[index + 1];
      return next && next.fromMs < holding.toMs
        ? [`${name} held ${holding.sandboxId} and ${next.sandboxId} at the same time`]
        : [];
    });
  });
}

/** The same sandbox once more, in answer to a call that was sent after giving it back had been confirmed. */
function cameBack(calls: readonly NotedCall[]): string[] {
  const confirmed = grouped(
    calls.filter(({ action, status }) => action === 'mark' && status === 200),
    ({ sandboxId = '' }) => sandboxId,
  );
  return calls
    .filter(isGift)
    .flatMap(({ sandboxId = '', caller: next, sentAtMs }) =>
      (confirmed.get(sandboxId) ?? [])
        .filter(({ endedAtMs }) => endedAtMs < sentAtMs)
        .map(({ caller }) => `sandbox ${sandboxId} was given to ${next} after ${caller} gave it back`),
    );
}

/** To look at what one holds is never refused. */
function refused(calls: readonly NotedCall[], holdings: readonly Holding[]): string[] {
  const ofOwner = grouped(holdings, ownerOf);
  return calls.flatMap((call) => {
    const { action, status, sandboxStatus, code, sandboxId = '' } = call;
    if (action !== 'get' || status === undefined || status >= 500 || status === 429) return [];
    const isHeld = (ofOwner.get(ownerOf(call)) ?? []).some(
      ({ fromMs, toMs }) => fromMs < call.sentAtMs && call.endedAtMs < toMs,
    );
    const isFine = status === 200 && sandboxStatus === 'allocated';
    const answer = `${status} ${sandboxStatus ?? code ?? ''}`;
    return isHeld && !isFine
      ? [`${call.caller} asked for ${sandboxId}, held it, and was answered ${answer}`]
      : [];
  });
}

/** The first call that gives a sandbox back, and is answered in time, is not refused. */
function expiredTooSoon(calls: readonly NotedCall[], holdings: readonly Holding[]): string[] {
  const marks = grouped(
    calls.filter(({ action }) => action === 'mark'),
    ownerOf,
  );
  return holdings.flatMap((holding) => {
    const first = marks.get(ownerOf(holding))?.find(({ sentAtMs }) => sentAtMs === holding.toMs);
    if (first?.status === undefined || holding.fromMs >= holding.toMs) return [];
    const { status, code = '', endedAtMs } = first;
    const isRefused = status >= 400 && status < 500 && status !== 429;
    return isRefused && endedAtMs < holding.expiresAtMs
      ? [`${holding.caller} gave ${holding.sandboxId} back in time, and was answered ${status} ${code}`]
      : [];
  });
}

/** The caller and the sandbox: whose it is, under whatever key. */
function ownerOf({ caller, sandboxId = '' }: { caller: string; sandboxId?: string }): string {
  return JSON.stringify([caller, sandboxId]);
}

function isGift({ action, status, sandboxId }: NotedCall): boolean {
  return action === 'allocate' && status !== undefined && status < 300 && sandboxId !== undefined;
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

function nameOf({ caller, key }: Holding): string {
  return JSON.stringify([caller, key]);
}
