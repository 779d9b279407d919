/**
 * The parameter that Terraform reads as the worker's desired count, so that the next deploy does not undo a rollback.
 * Every call ends within its own time limit, and throws what the platform throws.
 */
export interface DesiredCountParameter {
  /** @throws NotACountError when somebody has put something else than a whole number into it. */
  read(): Promise<number>;

  write(desiredCount: number): Promise<void>;
}

/** The parameter holds no whole number. */
export class NotACountError extends Error {
  override readonly name = 'NotACountError';
}
