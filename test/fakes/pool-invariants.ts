import type { Claim, Sandbox } from '../../app/allocation/sandbox';

/** Everything that the rules of allocation speak of. */
export interface PoolContents {
  sandboxes: Sandbox[];
  claims: Claim[];
}

/**
 * What is wrong with a pool at rest, in words; empty when all is well. There must be a claim for exactly those
 * sandboxes that are allocated, naming the same caller and key, and none may hold two.
 */
export function poolViolations({ sandboxes, claims }: PoolContents): string[] {
  const byId = new Map(sandboxes.map((sandbox) => [sandbox.sandboxId, sandbox]));
  const claimOfHolder = new Map(claims.map((claim) => [holder(claim), claim]));
  return [
    ...repeated(sandboxes.map((sandbox) => sandbox.sandboxId)).map((id) => `two rows of sandbox ${id}`),
    ...repeated(claims.map(holder)).map((who) => `two claims of ${who}`),
    ...repeated(claims.map((claim) => claim.sandboxId)).map((id) => `two claims for sandbox ${id}`),
    ...repeated(sandboxes.flatMap(holderOf)).map((who) => `two sandboxes are allocated to ${who}`),
    ...claims.flatMap((claim) => {
      const sandbox = byId.get(claim.sandboxId);
      if (!sandbox) return [`${holder(claim)} claims sandbox ${claim.sandboxId}, which is not there`];
      const isTheirs = holderOf(sandbox)[0] === holder(claim);
      return isTheirs
        ? []
        : [`${holder(claim)} claims sandbox ${claim.sandboxId}, which is ${describe(sandbox)}`];
    }),
    ...sandboxes.flatMap((sandbox) =>
      holderOf(sandbox)
        .filter((who) => claimOfHolder.get(who)?.sandboxId !== sandbox.sandboxId)
        .map((who) => `sandbox ${sandbox.sandboxId} is allocated to ${who}, who has no claim for it`),
    ),
  ];
}

/** Nobody or one: as a list, because most sandboxes have none. */
function holderOf(sandbox: Sandbox): string[] {
  return sandbox.status === 'allocated' ? [holder(sandbox.allocation)] : [];
}

function holder({ caller, idempotencyKey }: { caller: string; idempotencyKey: string }): string {
  return JSON.stringify([caller, idempotencyKey]);
}

function describe(sandbox: Sandbox): string {
  return [sandbox.status, ...holderOf(sandbox)].join(' to ');
}

function repeated(values: string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const isRepeated = seen.has(value);
    seen.add(value);
    return isRepeated;
  });
}
