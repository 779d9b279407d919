import { ApiError } from '../model/api-error';
import type { Phrase } from '../model/phrase';
import type { ActionResult } from '../model/run-words';
import type { ApiClient } from './api-client';
import { askFirst, type Question } from './confirmation';
import type { Result, Results } from './results';

const IF_UNKNOWN = 'It may have happened all the same: look before you repeat it.';

/** What people can do: always asked first, and what became of it always told. */
export class Actions {
  constructor(
    private readonly client: ApiClient,
    private readonly results: Results,
    private readonly hooks: {
      /** Aborted when the token is forgotten: what comes later is shown to nobody. */
      signal: AbortSignal;
      /** Something has changed, or may have. */
      afterwards: () => void;
      /** The token is not valid any more. */
      onToken: (error: ApiError) => void;
    },
  ) {}

  /**
   * @param act tells in words what was done; `undefined` if that will be told elsewhere.
   * @param onUnknown is told when nobody knows whether it was done, with the message that says so.
   */
  async ask(
    question: Question,
    act: (client: ApiClient, reason: string) => Promise<Phrase | string | undefined>,
    onUnknown: (shown: Result) => void = () => undefined,
  ): Promise<void> {
    const { signal, afterwards, onToken } = this.hooks;
    const isOver = (): boolean => signal.aborted;
    const reason = await askFirst(question);
    if (reason === undefined || isOver()) return;
    document.body.setAttribute('aria-busy', 'true');
    try {
      const told = await act(this.client, reason);
      if (!isOver() && told !== undefined) this.results.add({ kind: 'done', text: told });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isOver()) return;
      if (error.kind === 'token') onToken(error);
      else {
        const shown = this.results.add(failureInWords(question, error));
        if (error.isOutcomeUnknown) onUnknown(shown);
      }
    } finally {
      // A later board may be busy with something of its own.
      if (!isOver()) {
        document.body.removeAttribute('aria-busy');
        afterwards();
      }
    }
  }

  /** Says why an action is not even asked about. */
  refuse(why: string): void {
    this.results.add({ kind: 'failed', text: why });
  }
}

/** Whoever got no answer cannot know whether it happened. */
function failureInWords({ agree, ifUnknown }: Question, error: ApiError): ActionResult {
  const told = [`${agree}: `, ...error.inWords];
  if (!error.isOutcomeUnknown) return { kind: 'failed', text: told };
  return { kind: 'unknown', text: [...told, ` ${ifUnknown ?? IF_UNKNOWN}`] };
}
