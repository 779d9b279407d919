import { ApiError } from '../model/api-error';
import type { Phrase } from '../model/phrase';
import type { ApiClient } from './api-client';
import { askFirst, type Question } from './confirmation';
import type { Results } from './results';

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

  /** @param act tells in words what was done. */
  async ask(
    question: Question,
    act: (client: ApiClient, reason: string) => Promise<Phrase | string>,
  ): Promise<void> {
    const { signal, afterwards, onToken } = this.hooks;
    const isOver = (): boolean => signal.aborted;
    const reason = await askFirst(question);
    if (reason === undefined || isOver()) return;
    document.body.setAttribute('aria-busy', 'true');
    try {
      const told = await act(this.client, reason);
      if (!isOver()) this.results.done(told);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isOver()) return;
      if (error.kind === 'token') onToken(error);
      else this.results.failed(failureInWords(question, error));
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
    this.results.failed(why);
  }
}

/** Whoever got no answer cannot know whether it happened. */
function failureInWords({ agree }: Question, error: ApiError): Phrase {
  const told = [`${agree}: `, ...error.inWords];
  return error.kind === 'unreachable'
    ? [...told, ' It may have happened all the same: look before you repeat it.']
    : told;
}
