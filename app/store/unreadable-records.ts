import { channel, subscribe } from 'node:diagnostics_channel';

/** What the table holds, by the first part of an item's primary key. */
const KINDS = {
  SBX: 'sandbox',
  CLAIM: 'claim',
  ACCOUNT: 'account_guard',
  CONTROL: 'control',
  JOB: 'job',
  LEASE: 'lease',
  ROLLBACK: 'rollback',
} as const;

export type RecordKind = (typeof KINDS)[keyof typeof KINDS] | 'other';

const CHANNEL = 'sandbox-broker.unreadable-record';
const unreadable = channel(CHANNEL);

/**
 * Reports that an item was read and could not be understood, to the observers of this process.
 *
 * @param partition the item's `PK`.
 */
export function reportUnreadable(partition: string | undefined): void {
  const prefix = partition?.split('#')[0] ?? '';
  const kind: RecordKind = prefix in KINDS ? KINDS[prefix as keyof typeof KINDS] : 'other';
  unreadable.publish(kind);
}

/** Calls back with the kind of each item that cannot be read, for as long as the process lives. */
export function onUnreadable(callback: (kind: RecordKind) => void): void {
  subscribe(CHANNEL, (kind) => {
    callback(kind as RecordKind);
  });
}
