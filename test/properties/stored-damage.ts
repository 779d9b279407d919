import type { JobName } from '../../app/store/job-store';

/**
 * What a person, or another release, may have written. `due time`, `lease`: a job is due, or leased, until much later or
 * earlier than any setting allows. `outcome`, `runner`, `status`: a word that we do not know. `attempt time`: the same
 * as `due time`, for a deletion. `broken row`: an attribute of the wrong type.
 */
export const DAMAGE_KINDS = [
  ...(['due time', 'lease', 'attempt time', 'outcome', 'runner', 'status', 'broken row'] as const),
];
export type DamageKind = (typeof DAMAGE_KINDS)[number];

/** One such record. */
export type StoredDamage =
  | { kind: 'due time' | 'lease'; job: JobName; atMs: number }
  | { kind: 'outcome'; job: JobName; word: string }
  | { kind: 'runner'; word: string }
  | { kind: 'status'; sandboxId: string; word: string }
  | { kind: 'broken row'; sandboxId: string }
  | { kind: 'attempt time'; sandboxId: string; atMs: number };
