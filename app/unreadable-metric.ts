import { Counter, type Registry } from 'prom-client';
import { onUnreadable } from './store/unreadable-records';

/** Counts in `/metrics` each time that a stored record could not be read, by its kind. The log names the record. */
export function registerUnreadableRecords(registry: Registry): void {
  const counter = new Counter({
    name: 'broker_unreadable_records_total',
    help: 'Reads of stored records that could not be understood, by kind of record',
    labelNames: ['kind'],
    registers: [registry],
  });
  onUnreadable((kind) => {
    counter.inc({ kind });
  });
}
