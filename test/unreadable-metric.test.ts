import { Registry } from 'prom-client';
import { CorruptItemError, claimFromItem, sandboxFromItem } from '../app/store/items';
import { read } from '../app/store/job-items';
import { UnreadableRecordError } from '../app/store/job-store';
import { registerUnreadableRecords } from '../app/unreadable-metric';
import { z } from 'zod';

const NUMBER = z.object({ value: z.number() });
const item = (partition: string): Record<string, { S: string }> => ({
  PK: { S: partition },
  SK: { S: 'META' },
  value: { S: 'odd' },
});

it('counts each stored record that could not be read, by its kind', async () => {
  const registry = new Registry();
  registerUnreadableRecords(registry);

  expect(() => sandboxFromItem(item('SBX#1'))).toThrow(CorruptItemError);
  expect(() => sandboxFromItem(item('SBX#2'))).toThrow(CorruptItemError);
  expect(() => claimFromItem(item('CLAIM#a#b'))).toThrow(CorruptItemError);
  for (const partition of ['JOB#sync', 'LEASE#sync', 'CONTROL#jobs', 'SOMETHING#new']) {
    expect(() => read(NUMBER, item(partition))).toThrow(UnreadableRecordError);
  }
  // What JavaScript cannot hold is one unreadable record, not two.
  const huge = { ...item('ROLLBACK'), value: { N: '9'.repeat(38) } };
  expect(() => read(NUMBER, huge)).toThrow(UnreadableRecordError);

  const [metric] = await registry.getMetricsAsJSON();
  const counts = Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value }) => [String(labels.kind), value]),
  );
  expect(counts).toEqual({ sandbox: 2, claim: 1, job: 1, lease: 1, control: 1, rollback: 1, other: 1 });
});
