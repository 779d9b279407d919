/** What must hold in every world, by name. `docs/reliability.md` tells them as promises. */
export type Rule =
  /**
   * An account is given to one caller and key, once in its life: one that was ever allocated, given back or deleted is
   * never to be had again, whatever number the portal gives it, and whatever any list, clock or release says.
   */
  | 'one use'
  /** No account has two rows, and no row ever stands for another account. */
  | 'one row an account'
  | 'one sandbox a caller and key'
  /** There is a claim for exactly what is allocated. */
  | 'claims match allocations'
  /** An allocation ends when its owner asks for that, or past its grace. */
  | 'held until released or over'
  /** Rows move along the states of docs/architecture.md, one version at a time. */
  | 'lawful moves'
  | 'nothing deleted that is held'
  /** A tombstone from a cleanup stands for an account that a list requested after its deletion did not name. */
  | 'tombstones are true'
  /** "Empty" is said only when nothing was there to be had all the time. */
  | 'no false 409'
  /** What a student is told is so in the table. */
  | 'answers are true'
  | 'a job never beside itself'
  | 'stale only after two lists without it'
  | 'runs are recorded in the order of their leases'
  /** Undisturbed syncs bring table and portal into line. */
  | 'nothing lost'
  | 'no dead account on offer'
  /** Whatever happened before, undisturbed jobs finish the work. */
  | 'all is cleaned up in the end'
  /** What goes wrong is told as what it is. */
  | 'no unknown error'
  /** Every call and every run ends. */
  | 'everything ends'
  /** What is wrong with one account, one row or one partition keeps nothing from the others. */
  | 'one bad item costs that item only'
  /** While the portal refuses every deletion, no sandbox loses an attempt: three refusals in a row are no one's fault. */
  | 'no charge for a portal that refuses all'
  /** Whatever a record says, every job is due again in its time. */
  | 'no job stops for ever'
  /** Without faults nothing fails. */
  | 'calm calls succeed';

/** A rule was broken. The message tells which, and how. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly rule: Rule,
    readonly what: string,
  ) {
    super(`"${rule}" was broken: ${what}`);
  }
}
