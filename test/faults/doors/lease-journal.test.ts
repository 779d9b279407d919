import { LeaseJournal, type LeaseWrite } from './lease-journal';

const KEY = { PK: { S: 'LEASE#sync' }, SK: { S: 'META' } };

let journal: LeaseJournal;

beforeEach(() => {
  journal = new LeaseJournal();
});

function grant(holder: string, fencing: number, expiresAtMs: number, nowMs: number): void {
  const write = {
    Key: KEY,
    UpdateExpression: 'SET holder = :holder, expires_at_ms = :expires ADD fencing_number :one',
    ExpressionAttributeValues: { ':holder': { S: holder }, ':expires': { N: String(expiresAtMs) } },
  };
  journal.observe('UpdateItem', write, { fencing_number: { N: String(fencing) } }, nowMs);
}

function change(values: NonNullable<LeaseWrite['ExpressionAttributeValues']>): LeaseWrite {
  return { Key: KEY, UpdateExpression: 'SET expires_at_ms = :x', ExpressionAttributeValues: values };
}

function record(holder: string, fencing: number): void {
  const PK = { S: 'JOB#sync' };
  journal.observeRecord({ PK, run_by: { S: holder }, fencing_number: { N: String(fencing) } });
}

describe('leases', () => {
  it('may pass on when their time is over, or when they are being given back', () => {
    grant('a', 1, 1_000, 0);
    grant('b', 2, 2_000, 1_000);
    journal.observeSent('UpdateItem', change({ ':zero': { N: '0' }, ':fencing': { N: '2' } }));
    grant('c', 3, 3_000, 1_100);

    expect(journal.violations).toEqual([]);
    expect(journal.grantCount).toBe(3);
  });

  it('may not pass on before, and a renewal moves their end', () => {
    grant('a', 1, 1_000, 0);
    journal.observe(
      'UpdateItem',
      change({ ':expires': { N: '1500' }, ':fencing': { N: '1' } }),
      undefined,
      900,
    );
    grant('b', 2, 2_000, 1_200);

    expect(journal.violations).toEqual([
      'the lease of sync was granted to b 300 ms before that of a was over',
    ]);
  });

  it('are their holder’s to take again', () => {
    grant('a', 1, 1_000, 0);
    grant('a', 2, 1_100, 100);
    expect(journal.violations).toEqual([]);
  });

  it('are given back only by their holder', () => {
    grant('a', 1, 1_000, 0);
    journal.observeSent('UpdateItem', change({ ':zero': { N: '0' }, ':fencing': { N: '7' } }));
    grant('b', 2, 2_000, 500);
    expect(journal.violations).toHaveLength(1);
  });
});

describe('records of runs', () => {
  it('belong to somebody who was granted the lease', () => {
    grant('a', 1, 1_000, 0);
    record('a', 1);
    expect(journal.violations).toEqual([]);

    record('a', 0);
    record('b', 1);
    expect(journal.violations).toEqual([
      'a ran sync without having been granted its lease',
      'b ran sync without having been granted its lease',
    ]);
  });
});
