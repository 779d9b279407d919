/**
 * Where the process stands between its start and its end. `/healthz` tells the load balancer, which sends no more
 * requests once it is not `serving`.
 */
export class Lifecycle {
  #state: 'starting' | 'serving' | 'draining' = 'starting';

  get state(): 'starting' | 'serving' | 'draining' {
    return this.#state;
  }

  /** The table has answered for the first time. */
  started(): void {
    if (this.#state === 'starting') this.#state = 'serving';
  }

  /** The process has been asked to end. There is no way back. */
  drain(): void {
    this.#state = 'draining';
  }
}
