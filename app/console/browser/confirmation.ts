import type { Phrase } from '../model/phrase';
import { byId, element, show } from './dom';
import { nodesOf } from './foreign-text';

export interface Question {
  title: Phrase | string;
  /** What will happen, one paragraph each. */
  text: (Phrase | string)[];
  /** On the button that agrees: what it does, never just OK. */
  agree: string;
  /** Asks for a reason, which others will read. */
  isReasonNeeded?: boolean;
  /** What to say when no answer tells whether it was done. */
  ifUnknown?: string;
}

/**
 * Asks before anything is changed. The focus is on Cancel at first, or on the reason; Escape cancels; afterwards the
 * focus goes back to where it was.
 *
 * @returns the reason (empty if none was asked for), or `undefined` for a person who would rather not.
 */
export function askFirst(question: Question): Promise<string | undefined> {
  const dialog = byId('confirmation', HTMLDialogElement);
  const form = byId('confirmation-form', HTMLFormElement);
  const reason = byId('reason', HTMLInputElement);
  const agree = byId('confirmation-agree');
  const cancel = byId('confirmation-cancel');
  const isReasonNeeded = question.isReasonNeeded ?? false;

  show(byId('confirmation-title'), ...nodesOf(question.title));
  show(
    byId('confirmation-text'),
    ...question.text.map((paragraph) => element('p', {}, ...nodesOf(paragraph))),
  );
  show(agree, question.agree);
  show(byId('reason-error'));
  byId('confirmation-reason').hidden = !isReasonNeeded;
  reason.value = '';
  reason.setAttribute('aria-invalid', 'false');

  return new Promise((resolve) => {
    const listening = new AbortController();
    const { signal } = listening;
    const end = (given: string | undefined): void => {
      listening.abort();
      dialog.close();
      // What it named is not left in the page.
      show(byId('confirmation-title'));
      show(byId('confirmation-text'));
      reason.value = '';
      resolve(given);
    };
    form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        const text = reason.value.trim();
        if (isReasonNeeded && text === '') {
          show(byId('reason-error'), 'Please say why.');
          reason.setAttribute('aria-invalid', 'true');
          reason.focus();
          return;
        }
        end(text);
      },
      { signal },
    );
    cancel.addEventListener(
      'click',
      () => {
        end(undefined);
      },
      { signal },
    );
    // Escape, and whatever else closes it.
    dialog.addEventListener(
      'close',
      () => {
        end(undefined);
      },
      { signal },
    );
    dialog.showModal();
    (isReasonNeeded ? reason : cancel).focus();
  });
}
