import type { SourceChange } from './bundle-variant';

/** A broker that is broken on purpose, to see whether fault runs notice. */
export interface PlantedFault {
  name: string;
  changes: readonly SourceChange[];
}

/** The mistakes that must not go unnoticed: each is one that a hasty change could make. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: 'the claim is not in the transaction',
    changes: [
      {
        file: 'app/store/dynamo-allocations.ts',
        find: `      await this.table.transact(
        allocations.flatMap((allocation) => this.#writes(allocation)),
        { signal },
      );`,
        // First the sandboxes, then the claims; reasons are put where they are looked for.
        replace: `      for (const part of [1, 0]) {
        try {
          await this.table.transact(allocations.map((allocation) => this.#writes(allocation)[part]), { signal });
        } catch (error) {
          const none = { Code: 'None' };
          error.CancellationReasons = error.CancellationReasons?.flatMap((reason) =>
            part === 0 ? [reason, none] : [none, reason],
          );
          throw error;
        }
      }`,
      },
    ],
  },
  {
    name: 'sync writes without a condition',
    changes: [
      {
        file: 'app/store/dynamo-inventory-store.ts',
        find: `const update = { Key: sandboxKey(before.sandboxId), ...updateBetween(before, after) };`,
        // DynamoDB refuses a name or value that is not used.
        replace: `const update = {
      Key: sandboxKey(before.sandboxId),
      ...updateBetween(before, after),
      ConditionExpression: '#status = :before_status OR #version >= :before_version',
    };`,
      },
    ],
  },
  {
    name: 'tombstones are ignored',
    changes: [
      {
        file: 'app/store/dynamo-sandbox-store.ts',
        find: `ConditionExpression: 'attribute_not_exists(PK)',`,
        replace: `ConditionExpression: 'attribute_not_exists(PK) OR attribute_exists(deleted_at)',`,
      },
      {
        file: 'app/store/dynamo-sandbox-store.ts',
        // The guard of the account would refuse it, too.
        find: `await this.#table.transact(parts, options);`,
        replace: `await this.#table.transact(parts.slice(0, 1), options);`,
      },
    ],
  },
  {
    name: 'leases are ignored',
    changes: [
      {
        file: 'app/jobs/job-runner.ts',
        find: `const lease = await store.acquireLease(job.name, holder, clock.nowMs(), leaseTtlMs);`,
        replace: `const lease = (await store.acquireLease(job.name, holder, clock.nowMs(), leaseTtlMs)) ?? {
      job: job.name,
      holder,
      fencingNumber: 0,
      expiresAtMs: clock.nowMs() + leaseTtlMs,
    };`,
      },
    ],
  },
  {
    name: 'one page without a sandbox counts as empty',
    changes: [
      {
        file: 'app/allocation/candidate-finder.ts',
        find: `segments: [...healthy, ...resting],`,
        replace: `segments: [...healthy, ...resting].slice(0, 1),`,
      },
    ],
  },
];
