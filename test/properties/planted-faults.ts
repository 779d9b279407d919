import type { AllocatedSandbox, AvailableSandbox, Claim } from '../../app/allocation/sandbox';
import { stock } from '../../app/allocation/transitions';
import { CspUnavailableError, type CspClient } from '../../app/csp/csp-client';
import type { JobStore, Lease } from '../../app/store/job-store';
import { RowRefusedError, type WriteOutcome } from '../../app/store/sandbox-store';
import { FakePortalBindings } from '../fakes/fake-portal-bindings';
import { FakeSandboxStore } from '../fakes/fake-sandbox-store';
import type { TablePorts } from './gated-ports';
import type { Rule } from './violations';
import type { Plant, PlantTools } from './world-member';

/** A fault that somebody might make, and the rules that have to break by it. */
export interface PlantedFault extends Plant {
  name: string;
  rules: readonly Rule[];
}

const WRITTEN: WriteOutcome = { kind: 'written' };

/** The table behind the gate is a fake one: plants reach into it. */
function rowsOf({ table }: PlantTools): FakeSandboxStore {
  if (!(table.store instanceof FakeSandboxStore)) throw new Error('Faults are planted into the fake table');
  return table.store;
}

/** The ports, with some methods of one of them replaced. */
function replace<Name extends keyof TablePorts>(
  ports: TablePorts,
  name: Name,
  methods: Partial<TablePorts[Name]>,
): TablePorts {
  return { ...ports, [name]: { ...ports[name], ...methods } };
}

/** The claim first, then the sandbox: as the predecessor did it, in steps of their own. */
const CLAIM_OUTSIDE_TRANSACTION: PlantedFault = {
  name: 'the claim is not in the transaction',
  rules: ['claims match allocations', 'one sandbox a caller and key', 'lawful moves'],
  table: (ports, tools) =>
    replace(ports, 'store', {
      allocate: async (candidate: AvailableSandbox, allocated: AllocatedSandbox) => {
        const { caller, idempotencyKey } = allocated.allocation;
        const claim: Claim = { caller, idempotencyKey, sandboxId: candidate.sandboxId };
        const standing = await ports.store.getClaim(caller, idempotencyKey);
        if (standing) return { kind: 'already_claimed', claim: standing, candidateTaken: false };
        const isTaken = await tools.atGate('take', candidate.sandboxId, () => {
          const { rows } = rowsOf(tools);
          const now = rows.current(candidate.sandboxId);
          const isStill = now?.status === 'available' && now.version === candidate.version;
          if (isStill) rows.write(allocated);
          return isStill;
        });
        if (!isTaken) return { kind: 'candidate_taken' };
        await tools.atGate('claim', candidate.sandboxId, () => {
          rowsOf(tools).seed({ claims: [claim] });
        });
        return { kind: 'allocated' };
      },
    }),
};

const UNCONDITIONAL_SAVE: PlantedFault = {
  name: 'sync and cleanup write without a condition',
  rules: ['lawful moves', 'held until released or over', 'claims match allocations', 'one use'],
  table: (ports, tools) =>
    replace(ports, 'inventory', {
      save: (_before, after) =>
        tools.atGate('save', after.sandboxId, () => {
          rowsOf(tools).rows.write(after);
          return WRITTEN;
        }),
    }),
};

const TOMBSTONE_IGNORED: PlantedFault = {
  name: 'sync puts new rows over tombstones',
  rules: ['one use', 'lawful moves'],
  table: (ports, tools) =>
    replace(ports, 'store', {
      add: (sandbox) =>
        tools.atGate('add', sandbox.sandboxId, () => {
          const { rows } = rowsOf(tools);
          const now = rows.current(sandbox.sandboxId);
          if (now && now.status !== 'deleted') return { kind: 'changed' };
          rows.write(sandbox);
          return WRITTEN;
        }),
    }),
};

const LEASE_IGNORED: PlantedFault = {
  name: 'whoever asks gets the lease',
  rules: ['a job never beside itself', 'runs are recorded in the order of their leases'],
  table: (ports) => {
    const acquireLease: JobStore['acquireLease'] = async (...args) => {
      const [job, holder, nowMs, ttlMs] = args;
      const lease = await ports.jobStore.acquireLease(...args);
      return lease ?? { job, holder, fencingNumber: 1, expiresAtMs: nowMs + ttlMs };
    };
    const renewLease = (lease: Lease, nowMs: number, ttlMs: number): Promise<Lease> =>
      Promise.resolve({ ...lease, expiresAtMs: nowMs + ttlMs });
    return replace(ports, 'jobStore', { acquireLease, renewLease });
  },
};

const ONE_PAGE_IS_ALL: PlantedFault = {
  name: 'the search for candidates ends after one page',
  rules: ['no false 409'],
  table: (ports) =>
    replace(ports, 'store', {
      // As if the first piece of the index were all of it.
      findAvailable: async (segment, page, options) => {
        const isFirst = segment.shard === 0;
        return isFirst
          ? { ...(await ports.store.findAvailable(segment, page, options)), cursor: undefined }
          : { items: [] };
      },
    }),
};

const LIST_ENDS_EARLY: PlantedFault = {
  name: 'jobs read only the first page of a list',
  rules: ['nothing lost', 'no dead account on offer', 'all is cleaned up in the end', 'calm calls succeed'],
  table: (ports) =>
    replace(ports, 'inventory', {
      listByStatus: async (...args) => ({
        ...(await ports.inventory.listByStatus(...args)),
        next: undefined,
      }),
    }),
};

const CLAIM_LEFT_BEHIND: PlantedFault = {
  name: 'giving back does not end the claim',
  rules: ['claims match allocations'],
  table: (ports, tools) =>
    replace(ports, 'store', {
      endAllocation: (before, after) =>
        tools.atGate('endAllocation', before.sandboxId, () => {
          const { rows } = rowsOf(tools);
          if (rows.current(before.sandboxId)?.version !== before.version) return { kind: 'changed' };
          rows.write(after);
          return WRITTEN;
        }),
    }),
};

const EXPIRED_EARLY: PlantedFault = {
  name: 'allocations are taken for over when they are not',
  rules: ['held until released or over'],
  table: (ports) =>
    replace(ports, 'inventory', {
      listByStatus: async (segment, page, options) => {
        const found = await ports.inventory.listByStatus({ ...segment, upTo: undefined }, page, options);
        const early = found.items.map((row) =>
          row.status === 'allocated' ? { ...row, allocation: { ...row.allocation, expiresAt: 0 } } : row,
        );
        return segment.status === 'allocated' ? { ...found, items: early } : found;
      },
    }),
};

const FAILURE_TAKEN_FOR_DONE: PlantedFault = {
  name: 'a deletion that failed counts as done',
  rules: ['tombstones are true'],
  portal: (portal): CspClient => ({
    get circuitState() {
      return portal.circuitState;
    },
    listSandboxes: (options) => portal.listSandboxes(options),
    deleteAccount: async (externalId, options) => {
      try {
        return await portal.deleteAccount(externalId, options);
      } catch (error) {
        if (!(error instanceof CspUnavailableError)) throw error;
        return 'accepted';
      }
    },
  }),
};

const EXPIRED_HANDED_ON: PlantedFault = {
  name: 'an expired sandbox is handed to the next caller as it is',
  rules: ['lawful moves', 'one use', 'claims match allocations'],
  table: (ports, tools) =>
    replace(ports, 'store', {
      endAllocation: (before, after) =>
        tools.atGate('hand on', before.sandboxId, () => {
          const { rows } = rowsOf(tools);
          const now = rows.current(before.sandboxId);
          if (now?.status !== 'allocated' || now.version !== before.version) return { kind: 'changed' };
          const { sandboxId, name, externalId, version } = after;
          const account = { sandboxId, name, externalId };
          rows.write({ ...stock(account, 1, after.updatedAt), version });
          return WRITTEN;
        }),
    }),
};

const LOST_ANSWER_FORGOTTEN: PlantedFault = {
  name: 'who asks again after a lost answer is given another one',
  rules: ['one sandbox a caller and key', 'claims match allocations'],
  table: (ports, tools) =>
    replace(ports, 'store', {
      allocate: async (candidate, allocated, options) => {
        const outcome = await ports.store.allocate(candidate, allocated, options);
        if (outcome.kind !== 'already_claimed') return outcome;
        const isTaken = await tools.atGate('take', candidate.sandboxId, () => {
          const { rows } = rowsOf(tools);
          const now = rows.current(candidate.sandboxId);
          const isStill = now?.status === 'available' && now.version === candidate.version;
          if (isStill) rows.write(allocated);
          return isStill;
        });
        return isTaken ? { kind: 'allocated' } : { kind: 'candidate_taken' };
      },
    }),
};

const DELETION_BELIEVED_AT_ONCE: PlantedFault = {
  name: 'a deletion is believed without a list',
  rules: ['tombstones are true'],
  portal: (portal): CspClient => {
    const deleted = new Set<string>();
    return {
      get circuitState() {
        return portal.circuitState;
      },
      // As if the answer to the DELETE had been the proof: no list says anything against it any more.
      listSandboxes: async (options) => {
        const list = await portal.listSandboxes(options);
        const isLeft = ({ externalId = '' }: { externalId?: string }): boolean => !deleted.has(externalId);
        return { ...list, accounts: list.accounts.filter(isLeft), unusable: list.unusable.filter(isLeft) };
      },
      deleteAccount: async (externalId, options) => {
        const answer = await portal.deleteAccount(externalId, options);
        deleted.add(externalId);
        return answer;
      },
    };
  },
};

const GUARD_IGNORED: PlantedFault = {
  name: 'a row is added whatever the guard of its account says',
  rules: ['one row an account', 'one use'],
  table: (ports, tools) =>
    replace(ports, 'store', {
      add: (sandbox) =>
        tools.atGate('add', sandbox.sandboxId, () => {
          const { rows } = rowsOf(tools);
          if (rows.current(sandbox.sandboxId)) return { kind: 'changed' };
          rows.write(sandbox);
          return WRITTEN;
        }),
    }),
};

const BINDING_IGNORED: PlantedFault = {
  name: 'sync fills a table that belongs to no portal',
  rules: ['one use', 'calm calls succeed'],
  bindings: () => FakePortalBindings.bound(),
};

const REFUSED_ROW_ENDS_RUN: PlantedFault = {
  name: 'one row that the table refuses ends the run',
  rules: ['one bad item costs that item only', 'no unknown error'],
  table: (ports) => {
    const fatal = async <T>(write: Promise<T>): Promise<T> => {
      try {
        return await write;
      } catch (error) {
        throw error instanceof RowRefusedError ? new Error(error.message, { cause: error }) : error;
      }
    };
    return {
      ...replace(ports, 'store', { add: (...args) => fatal(ports.store.add(...args)) }),
      inventory: { ...ports.inventory, save: (...args) => fatal(ports.inventory.save(...args)) },
    };
  },
};

const DUE_TIME_BELIEVED: PlantedFault = {
  name: 'a stored due time is believed, however far ahead it is',
  rules: ['no job stops for ever'],
  services: ({ runner }) => {
    runner.dueAt = (_job, last) => last?.nextDueAt ?? 0;
  },
};

/** The faults that the property test has to find, each within its usual number of runs. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  CLAIM_OUTSIDE_TRANSACTION,
  UNCONDITIONAL_SAVE,
  TOMBSTONE_IGNORED,
  LEASE_IGNORED,
  ONE_PAGE_IS_ALL,
  LIST_ENDS_EARLY,
  CLAIM_LEFT_BEHIND,
  EXPIRED_EARLY,
  FAILURE_TAKEN_FOR_DONE,
  EXPIRED_HANDED_ON,
  LOST_ANSWER_FORGOTTEN,
  DELETION_BELIEVED_AT_ONCE,
  GUARD_IGNORED,
  BINDING_IGNORED,
  REFUSED_ROW_ENDS_RUN,
  DUE_TIME_BELIEVED,
];
