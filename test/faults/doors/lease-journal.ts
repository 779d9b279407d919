import type { Item } from '../../../app/store/items';

/** The parts of a write that concern leases and run records. */
export interface LeaseWrite {
  Key?: Item;
  Item?: Item;
  UpdateExpression?: string;
  ExpressionAttributeValues?: Item;
}

interface Grant {
  holder: string;
  fencingNumber: number;
  expiresAtMs: number;
  /** Its holder has begun to give it back: from then on it may be anybody's. */
  isGivenBack: boolean;
}

/**
 * Every lease that the engine has granted, and every run that a process has recorded, as seen at the engine's door. A
 * lease may only be granted when nobody has it, and a run only be recorded by somebody to whom it was granted.
 */
export class LeaseJournal {
  readonly #current = new Map<string, Grant>();
  readonly #granted = new Set<string>();
  readonly violations: string[] = [];
  grantCount = 0;
  recordCount = 0;

  /** A write that the engine has made; `attributes` are those that it answered with. */
  observe(operation: string, write: LeaseWrite, attributes: Item | undefined, answeredAtMs: number): void {
    const job = leaseIn(write.Key);
    if (operation !== 'UpdateItem' || job === undefined) return;
    const values = write.ExpressionAttributeValues ?? {};
    const current = this.#current.get(job);
    if (write.UpdateExpression?.includes('ADD fencing_number') === true) {
      const grant: Grant = {
        holder: values[':holder']?.S ?? '',
        fencingNumber: Number(attributes?.fencing_number?.N),
        expiresAtMs: Number(values[':expires']?.N),
        isGivenBack: false,
      };
      // The answers of two grants may overtake each other on their way to us; the older one is history by then.
      if (current && current.fencingNumber > grant.fencingNumber) return;
      // Its own holder may take it again: the answer to the first time was lost.
      const isOther = current !== undefined && current.holder !== grant.holder;
      const isTaken = isOther && !current.isGivenBack && current.expiresAtMs > answeredAtMs;
      if (isTaken && current.fencingNumber < grant.fencingNumber) {
        this.violations.push(
          `the lease of ${job} was granted to ${grant.holder} ${current.expiresAtMs - answeredAtMs} ms before ` +
            `that of ${current.holder} was over`,
        );
      }
      this.#current.set(job, grant);
      this.#granted.add(runKey(job, grant.holder, grant.fencingNumber));
      this.grantCount += 1;
      return;
    }
    const isRenewal =
      current && values[':fencing']?.N === String(current.fencingNumber) && ':expires' in values;
    if (isRenewal) current.expiresAtMs = Number(values[':expires']?.N);
  }

  /** A write that is on its way to the engine: a lease that is given back may be granted before we see the answer. */
  observeSent(operation: string, write: LeaseWrite): void {
    const current = this.#current.get(leaseIn(write.Key) ?? '');
    const values = write.ExpressionAttributeValues ?? {};
    const isReturn = operation === 'UpdateItem' && ':zero' in values;
    if (current && isReturn && values[':fencing']?.N === String(current.fencingNumber))
      current.isGivenBack = true;
  }

  /** A run that a process wants to record, whatever becomes of the write. */
  observeRecord(item: Item | undefined): void {
    const job = item?.PK?.S?.startsWith('JOB#') === true ? item.PK.S.slice('JOB#'.length) : undefined;
    if (job === undefined) return;
    this.recordCount += 1;
    const holder = item?.run_by?.S ?? '';
    if (!this.#granted.has(runKey(job, holder, Number(item?.fencing_number?.N)))) {
      this.violations.push(`${holder} ran ${job} without having been granted its lease`);
    }
  }
}

function leaseIn(key: Item | undefined): string | undefined {
  const partition = key?.PK?.S;
  return partition?.startsWith('LEASE#') === true ? partition.slice('LEASE#'.length) : undefined;
}

function runKey(job: string, holder: string, fencingNumber: number): string {
  return JSON.stringify([job, holder, fencingNumber]);
}
