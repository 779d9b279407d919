import { element } from './dom';
import { nodesOf } from './foreign-text';
import type { Phrase } from '../model/phrase';
import { timeOfDay } from '../model/words';

/** More would push everything else off the screen. */
const MAX_RESULTS = 4;

/**
 * Says what became of an action. It stays until somebody takes it away: nobody has to read against the clock. Failures
 * interrupt a screen reader, successes wait for a pause.
 */
export class Results {
  constructor(private readonly parent: HTMLElement) {}

  done(text: Phrase | string): void {
    this.#add('done', 'status', text);
  }

  failed(text: Phrase | string): void {
    this.#add('failed', 'alert', text);
  }

  clear(): void {
    this.parent.replaceChildren();
  }

  #add(kind: 'done' | 'failed', role: 'status' | 'alert', text: Phrase | string): void {
    const dismiss = element(
      'button',
      { type: 'button', class: 'plain', 'aria-label': 'Dismiss this message' },
      '×',
    );
    const message = element(
      'div',
      { class: `result ${kind}`, role },
      element(
        'p',
        {},
        element('b', {}, kind === 'done' ? 'Done. ' : 'Failed. '),
        ...nodesOf(text),
        ' ',
        element('span', { class: 'quiet' }, timeOfDay(Date.now())),
      ),
      dismiss,
    );
    dismiss.addEventListener('click', () => {
      message.remove();
    });
    this.parent.prepend(message);
    while (this.parent.childElementCount > MAX_RESULTS) this.parent.lastElementChild?.remove();
  }
}
