import { ApiError } from '../model/api-error';
import type { ApiClient } from './api-client';
import { askFirst, type Question } from './confirmation';
import type { Results } from './results';

/** What people can do: always asked first, and what became of it always told. */
export class Actions {
  constructor(
    private readonly client: ApiClient,
    private readonly results: Results,
    private readonly hooks: {
      /** Something has changed, or may have. */
      afterwards: () => void;
      /** The token is not valid any more. */
      onToken: (error: ApiError) => void;
    },
  ) {}

  /** @param act tells in words what was done. */
  async ask(question: Question, act: (client: ApiClient, reason: string) => Promise<string>): Promise<void> {
    const reason = await askFirst(question);
    if (reason === undefined) return;
    document.body.setAttribute('aria-busy', 'true');
    try {
      this.results.done(await act(this.client, reason));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'token') this.hooks.onToken(error);
      else this.results.failed(failureInWords(question, error));
    } finally {
      document.body.removeAttribute('aria-busy');
      this.hooks.afterwards();
    }
  }

  /** Says why an action is not even asked about. */
  refuse(why: string): void {
    this.results.failed(why);
  }
}

/** Whoever got no answer cannot know whether it happened. */
function failureInWords({ agree }: Question, error: ApiError): string {
  const isUnknown = error.kind === 'unreachable';
  return `${agree}: ${error.inWords}${isUnknown ? ' It may have happened all the same: look before you repeat it.' : ''}`;
}
