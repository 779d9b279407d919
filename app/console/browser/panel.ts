import type { ApiError } from '../model/api-error';
import { byId, element, show } from './dom';
import { nodesOf } from './foreign-text';
import { timeOfDay } from '../model/words';

/** One part of the board: tells how old what it shows is, and why there is nothing newer. */
export class Panel {
  #shownAtMs?: number;

  constructor(private readonly asOfId: string) {}

  /** What is shown is of now. */
  fresh(nowMs: number): void {
    this.#shownAtMs = nowMs;
    this.#section.classList.remove('old');
    show(byId(this.asOfId), `as of ${timeOfDay(nowMs)}`);
  }

  /** What is shown stays, and is marked as old. @param nextLookAtMs absent where nobody looks again by himself. */
  failed(error: ApiError, nextLookAtMs?: number): void {
    this.#section.classList.add('old');
    const since = this.#shownAtMs;
    show(
      byId(this.asOfId),
      element('strong', {}, since === undefined ? 'Not known yet. ' : `Old: as of ${timeOfDay(since)}. `),
      ...nodesOf(error.inWords),
      nextLookAtMs !== undefined && ` Next look at ${timeOfDay(nextLookAtMs)}.`,
    );
  }

  /** Nothing is shown any more. */
  reset(): void {
    this.#shownAtMs = undefined;
    this.#section.classList.remove('old');
    show(byId(this.asOfId));
  }

  get #section(): Element {
    return byId(this.asOfId).closest('section') ?? document.body;
  }
}
