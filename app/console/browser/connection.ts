import { timeOfDay } from '../model/words';
import { byId, show } from './dom';

/** Whether the API answers, as all calls together tell it; said once in the page's head. */
export class Connection {
  #lostSinceMs?: number;

  /** The API has answered, whatever it said. */
  answered(): void {
    const isBack = this.#lostSinceMs !== undefined;
    this.#lostSinceMs = undefined;
    this.#show(false, isBack ? `Reachable again since ${timeOfDay(Date.now())}` : undefined);
  }

  /** A call got no answer. */
  silent(): void {
    this.#lostSinceMs ??= Date.now();
    this.#show(
      true,
      `Not reachable since ${timeOfDay(this.#lostSinceMs)}. All numbers are old; trying again.`,
    );
  }

  /** Nobody is asking. */
  reset(): void {
    this.#lostSinceMs = undefined;
    this.#show(false, '');
  }

  /** @param text `undefined` leaves what is said. */
  #show(isLost: boolean, text: string | undefined): void {
    document.body.classList.toggle('lost', isLost);
    const line = byId('connection');
    if (text !== undefined) show(line, text);
    else if (line.textContent === '') show(line, 'Connected');
  }
}
