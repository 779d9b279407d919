import { claimFromItem, sandboxFromItem, type Item } from '../../app/store/items';

/** An allocation that a client was told of. */
export interface Given {
  caller: string;
  sandboxId: string;
}

/** What answers and table say of each other. All zero is right. */
export interface Audit {
  /** Sandboxes given to more than one caller, and callers given more than one: by the answers or by the table. */
  doubleCount: number;
  /** Answers that the table does not bear out: the sandbox is not allocated to that caller, or there is no claim. */
  unfoundedCount: number;
  /** Allocations in the table that nobody was told of. No fault if that call failed: a retry is answered with it. */
  untoldCount: number;
}

/** Checks the answers of a round against each other and against the whole table. */
export function audit(given: Given[], items: Item[]): Audit {
  const claims = items.filter(hasKey('CLAIM#')).map(claimFromItem);
  const held = items
    .filter(hasKey('SBX#'))
    .map(sandboxFromItem)
    .flatMap((sandbox) =>
      sandbox.status === 'allocated'
        ? [{ caller: sandbox.allocation.caller, sandboxId: sandbox.sandboxId }]
        : [],
    );
  const told = new Set(given.map(asText));
  const isHeld = new Set(held.map(asText));
  const isClaimed = new Set(claims.map(asText));
  return {
    doubleCount: Math.max(repeated(given), repeated(claims), repeated(held)),
    unfoundedCount: [...told].filter((one) => !isHeld.has(one) || !isClaimed.has(one)).length,
    untoldCount: [...new Set([...isHeld, ...isClaimed])].filter((one) => !told.has(one)).length,
  };
}

function hasKey(prefix: string): (item: Item) => boolean {
  return ({ PK }) => PK?.S?.startsWith(prefix) === true;
}

/** Each caller of a round calls with one key, so a caller has one sandbox, too. The same pair told twice is a retry. */
function repeated(all: Given[]): number {
  const pairs = [...new Map(all.map((one) => [asText(one), one])).values()];
  const extra = (key: (one: Given) => string): number => pairs.length - new Set(pairs.map(key)).size;
  return extra(({ caller }) => caller) + extra(({ sandboxId }) => sandboxId);
}

function asText({ caller, sandboxId }: Given): string {
  return JSON.stringify([caller, sandboxId]);
}
