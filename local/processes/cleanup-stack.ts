type Cleanup = () => void | Promise<void>;

/** What must be undone at the end, last thing first, also when only a part of it was ever set up. */
export class CleanupStack {
  private readonly cleanups: Cleanup[] = [];
  private running?: Promise<void>;

  add(cleanup: Cleanup): void {
    this.cleanups.push(cleanup);
  }

  /** Runs them all, once; whoever calls again waits for the same run. Throws the first error, after all have run. */
  run(): Promise<void> {
    this.running ??= this.runAll();
    return this.running;
  }

  private async runAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let cleanup = this.cleanups.pop(); cleanup !== undefined; cleanup = this.cleanups.pop()) {
      try {
        await cleanup();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
