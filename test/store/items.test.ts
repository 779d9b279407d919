import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import type { Sandbox } from '../../app/allocation/sandbox';
import { keepForever } from '../../app/allocation/transitions';
import {
  claimFromItem,
  claimKey,
  claimToItem,
  CorruptItemError,
  sandboxFromItem,
  sandboxToItem,
  updateBetween,
  type Item,
} from '../../app/store/items';
import { TTL_ATTRIBUTE } from '../../app/store/table';
import {
  allocatedSandbox,
  availableSandbox,
  claimOf,
  pendingDeletionSandbox,
  SAMPLE_OF_STATUS,
} from '../fakes/sandbox-samples';

const SAMPLES: Sandbox[] = Object.values(SAMPLE_OF_STATUS);

/** What DynamoDB makes of an item and an update expression of plain SETs and REMOVEs. */
function applyUpdate(item: Item, update: ReturnType<typeof updateBetween>): Item {
  const [, sets = '', removes = ''] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(update.UpdateExpression) ?? [];
  const result = { ...item };
  const attributeOf = (placeholder: string): string =>
    update.ExpressionAttributeNames[placeholder] ?? 'no such name';
  for (const clause of sets.split(', ')) {
    const [name = '', value = ''] = clause.split(' = ');
    result[attributeOf(name)] = update.ExpressionAttributeValues[value] as never;
  }
  for (const name of removes.split(', ').filter(Boolean)) Reflect.deleteProperty(result, attributeOf(name));
  return result;
}

function without(attribute: string, item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== attribute));
}

describe('a sandbox item', () => {
  it.each(SAMPLES)('gives back a sandbox that is $status', (sandbox) => {
    expect(sandboxFromItem(sandboxToItem(sandbox))).toEqual(sandbox);
  });

  it('has the attributes of the data model', () => {
    expect(unmarshall(sandboxToItem(allocatedSandbox()))).toEqual({
      PK: 'SBX#2009521',
      SK: 'META',
      sandbox_id: '2009521',
      name: 'csp-sandbox-2009521',
      external_id: 'identity/accounts/0b2f2b0c-6c3c-4f0e-9d5e-1f2c3a4b5c6d',
      sfdc_account_id: '0015g00000ABCDE',
      status: 'allocated',
      status_shard: 'allocated#6',
      status_order: 4_000_000_000,
      allocated_to_track: 'student-1',
      track_name: 'intro-to-sandboxes',
      idempotency_key: 'student-1',
      allocated_at: 1_700_000_200,
      expires_at: 4_000_000_000,
      missed_syncs: 0,
      last_synced: 1_700_000_100,
      created_at: 1_700_000_000,
      updated_at: 1_700_000_100,
      version: 2,
    });
  });

  it.each([
    { sandbox: SAMPLE_OF_STATUS.available, order: 1_234_567 },
    { sandbox: SAMPLE_OF_STATUS.allocated, order: 4_000_000_000 },
    { sandbox: SAMPLE_OF_STATUS.pending_deletion, order: 1_700_000_400 },
    { sandbox: SAMPLE_OF_STATUS.deletion_failed, order: 1_700_000_400 },
    { sandbox: SAMPLE_OF_STATUS.stale, order: 1_700_000_500 },
  ])('stands in the queue of $sandbox.status by what is due', ({ sandbox, order }) => {
    expect(sandboxToItem(sandbox)).toMatchObject({
      status_shard: { S: `${sandbox.status}#6` },
      status_order: { N: String(order) },
    });
    expect(sandboxToItem(sandbox)).not.toHaveProperty('ttl');
  });

  it('leaves all indexes as a tombstone, and is never forgotten', () => {
    const item = sandboxToItem(SAMPLE_OF_STATUS.deleted);

    for (const key of ['status_shard', 'status_order', 'allocated_to_track', 'allocated_at']) {
      expect(item).not.toHaveProperty(key);
    }
    expect(item).not.toHaveProperty(TTL_ATTRIBUTE);
  });

  const good = sandboxToItem(allocatedSandbox());
  it.each<[string, Item]>([
    ['an id', without('sandbox_id', good)],
    ['a name', { ...good, name: { S: '' } }],
    ['a status', without('status', good)],
    ['a known status', { ...good, status: { S: 'lost' } }],
    ['a version that is a number', { ...good, version: { S: '2' } }],
    ['a holder', without('allocated_to_track', good)],
    ['a key', without('idempotency_key', good)],
    ['an end', without('expires_at', good)],
    ['a queue position', without('status_order', sandboxToItem(SAMPLE_OF_STATUS.available))],
    ['a next attempt', without('status_order', sandboxToItem(SAMPLE_OF_STATUS.pending_deletion))],
    ['a request', without('deletion_requested_at', sandboxToItem(SAMPLE_OF_STATUS.deletion_failed))],
    [
      'a request to the portal',
      without('deletion_sent_at', sandboxToItem(SAMPLE_OF_STATUS.deletion_unconfirmed)),
    ],
    ['a time since when it is stale', without('status_order', sandboxToItem(SAMPLE_OF_STATUS.stale))],
  ])('is refused by name when it lacks %s', (_what, item) => {
    expect(() => sandboxFromItem(item)).toThrow(CorruptItemError);
    expect(() => sandboxFromItem(item)).toThrow(/SBX#2009521/);
  });

  it('may be a tombstone of an earlier release, which DynamoDB is to remove', () => {
    const tombstone = { ...SAMPLE_OF_STATUS.deleted, forgetAt: 4_000_000_000 };

    const item = sandboxToItem(tombstone);

    expect(item[TTL_ATTRIBUTE]).toEqual({ N: '4000000000' });
    expect(sandboxFromItem(item)).toEqual(tombstone);
    expect(updateBetween(tombstone, keepForever(tombstone, 5)).UpdateExpression).toContain(
      `REMOVE #${TTL_ATTRIBUTE}`,
    );
  });

  it('is unreadable, not a fault of ours, when it holds a number that JavaScript cannot', () => {
    const item = { ...sandboxToItem(SAMPLE_OF_STATUS.available), from_by_hand: { N: '1e100' } };

    expect(() => sandboxFromItem(item)).toThrow(CorruptItemError);
  });

  it.each(['version', 'missed_syncs', 'status_order', 'updated_at', 'created_at'])(
    'is unreadable when its %s is so great that nothing can be counted on from there',
    (name) => {
      const item = { ...sandboxToItem(SAMPLE_OF_STATUS.available), [name]: { N: '9007199254740991' } };

      expect(() => sandboxFromItem(item)).toThrow(CorruptItemError);
    },
  );

  it('has counted nothing yet when a person wrote a count below zero', () => {
    const sample = SAMPLE_OF_STATUS.deletion_failed;
    const item = {
      ...sandboxToItem(sample),
      missed_syncs: { N: '-7' },
      deletion_retry_count: { N: '-1000' },
    };

    expect(sandboxFromItem(item)).toEqual({ ...sample, missedSyncs: 0, deletionRetryCount: 0 });
  });

  it('is read in spite of attributes that are not known yet', () => {
    expect(sandboxFromItem({ ...good, cleaned_services: { L: [] } })).toEqual(allocatedSandbox());
  });
});

describe('a claim item', () => {
  const anyText = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 256 });

  it('gives back the claim', () => {
    fc.assert(
      fc.property(anyText, anyText, (caller, idempotencyKey) => {
        const claim = { caller, idempotencyKey, sandboxId: '7' };
        expect(claimFromItem(claimToItem(claim, 1))).toEqual(claim);
      }),
    );
  });

  it('never shares its key with that of another caller and key', () => {
    const text = fc.string({ unit: fc.constantFrom('#', '%', '2', '3', '5', 'a', '/', ' '), maxLength: 3 });
    // What could be mistaken for the separator, or for the separator encoded, once or twice.
    const separator = fc.constantFrom('#', '%23', '%2523', '');
    const pairs = fc
      .tuple(text, separator, text, separator, text)
      .map(([a, s, b, t, c]): [[string, string], [string, string]] => [
        [a + s + b, c],
        [a, b + t + c],
      ]);
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(claimKey(...one)).not.toEqual(claimKey(...other));
      }),
      { numRuns: 2_000 },
    );
  });

  it('fits into a key of DynamoDB, whatever the headers hold', () => {
    const { PK: key } = claimKey('%'.repeat(256), '#'.repeat(256));

    expect(Buffer.byteLength(key?.S ?? '')).toBeLessThanOrEqual(2_048);
  });

  it('is refused by name when it lacks its sandbox', () => {
    const item = without('sandbox_id', claimToItem(claimOf(allocatedSandbox()), 1));

    expect(() => claimFromItem(item)).toThrow(/CLAIM#student-1#student-1 cannot be read/);
  });
});

describe('updateBetween', () => {
  const pairs = SAMPLES.flatMap((before) => SAMPLES.map((after) => ({ before, after })));

  it.each(pairs)('leads from $before.status to $after.status', ({ before, after }) => {
    const later = { ...after, version: before.version + 1 };

    expect(applyUpdate(sandboxToItem(before), updateBetween(before, later))).toEqual(sandboxToItem(later));
  });

  it('holds only at the status and version of the state before', () => {
    const update = updateBetween(availableSandbox({ version: 41 }), allocatedSandbox({ version: 42 }));

    expect(update.ConditionExpression).toBe('#status = :before_status AND #version = :before_version');
    expect(update.ExpressionAttributeNames).toMatchObject({ '#status': 'status', '#version': 'version' });
    expect(update.ExpressionAttributeValues).toMatchObject({
      ':before_status': { S: 'available' },
      ':before_version': { N: '41' },
    });
  });

  it('touches only what differs', () => {
    const before = availableSandbox();
    const update = updateBetween(before, { ...before, missedSyncs: 1, version: 2 });

    expect(
      update.UpdateExpression.split(/SET |, /)
        .filter(Boolean)
        .sort(),
    ).toEqual(['#missed_syncs = :missed_syncs', '#version = :version']);
  });

  it('touches nothing else, whatever differs', () => {
    const change = fc.record(
      {
        name: fc.string({ minLength: 1 }),
        externalId: fc.string(),
        sfdcAccountId: fc.option(fc.string(), { nil: undefined }),
        lastSynced: fc.option(fc.nat(), { nil: undefined }),
        missedSyncs: fc.nat(),
        updatedAt: fc.nat(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), change, (sample, changes) => {
        const after: Sandbox = { ...sample, ...changes, version: sample.version + 1 };
        const unknown = { from_the_future: { S: 'kept' } };

        const update = updateBetween(sample, after);

        expect(applyUpdate({ ...sandboxToItem(sample), ...unknown }, update)).toEqual({
          ...sandboxToItem(after),
          ...unknown,
        });
        const touched = Object.values(update.ExpressionAttributeNames).filter((name) => name !== 'status');
        const [old, next] = [sandboxToItem(sample), sandboxToItem(after)];
        for (const name of touched) expect(old[name]).not.toEqual(next[name]);
      }),
    );
  });

  it('names no value that it does not use, which DynamoDB would refuse', () => {
    const update = updateBetween(pendingDeletionSandbox(), { ...SAMPLE_OF_STATUS.deleted, version: 4 });
    const text = `${update.UpdateExpression} ${update.ConditionExpression}`;

    for (const placeholder of [
      ...Object.keys(update.ExpressionAttributeNames),
      ...Object.keys(update.ExpressionAttributeValues),
    ]) {
      expect(text).toMatch(new RegExp(`${placeholder}\\b`));
    }
  });
});
