/** States in which the portal itself says that an account is no more. */
const ENDED_STATES: readonly string[] = ['closed', 'deleted', 'terminated'];
/** States in which an account exists and is not to be used. */
const UNUSED_STATES: readonly string[] = [
  ...['creating', 'provisioning', 'pending', 'inactive', 'disabled', 'suspended', 'locked', 'archived'],
  ...['expired', 'failed', 'closing', 'deleting', 'terminating'],
];

/** How an entry's `account_type` and `state` are to be taken. `other`: no active sandbox, and known to be none. */
export type KindOfEntry = 'active_sandbox' | 'other' | 'unknown_type' | 'unknown_state';

/**
 * Blanks around the words and their case mean nothing. A word for a sandbox or for its state that is not known may mean
 * anything: such an account is neither used nor taken for missing.
 */
export function kindOfEntry(accountType: string, state: string): KindOfEntry {
  const [type, word] = [fold(accountType), fold(state)];
  // Other types are many, and none of our business.
  if (type !== 'sandbox') return type.includes('sandbox') ? 'unknown_type' : 'other';
  if (word === 'active') return 'active_sandbox';
  return isEnded(word) || UNUSED_STATES.includes(word) ? 'other' : 'unknown_state';
}

/** True if an account in this state is no more. In all others it exists. */
export function isEnded(state: string): boolean {
  return ENDED_STATES.includes(fold(state));
}

function fold(word: string): string {
  return word.trim().toLowerCase();
}
