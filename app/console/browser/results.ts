import { element } from './dom';
import { nodesOf } from './foreign-text';
import type { ActionResult } from '../model/run-words';
import { timeOfDay } from '../model/words';

/** More would push everything else off the screen. */
const MAX_RESULTS = 4;

const LABELS: Record<ActionResult['kind'], string> = {
  done: 'Done.',
  failed: 'Failed.',
  running: 'Running.',
  unknown: 'Unknown.',
};

/** A message that is shown, or was until somebody took it away. */
export interface Result {
  /** Shows another one in its place. */
  replace: (next: ActionResult) => Result;
}

/**
 * Says what became of an action. It stays until somebody takes it away: nobody has to read against the clock. What went
 * wrong, or may have, interrupts a screen reader; all else waits for a pause.
 */
export class Results {
  constructor(private readonly parent: HTMLElement) {}

  add({ kind, text }: ActionResult): Result {
    const dismiss = element(
      'button',
      { type: 'button', class: 'plain', 'aria-label': 'Dismiss this message' },
      '×',
    );
    const message = element(
      'div',
      { class: `result ${kind}`, role: kind === 'failed' || kind === 'unknown' ? 'alert' : 'status' },
      element(
        'p',
        {},
        element('b', {}, LABELS[kind], ' '),
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
    return {
      replace: (next) => {
        message.remove();
        return this.add(next);
      },
    };
  }

  clear(): void {
    this.parent.replaceChildren();
  }
}
