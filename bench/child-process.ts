import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Questions by name, with what is asked and what is answered. */
export type Questions = Record<string, { question: unknown; answer: unknown }>;

interface Asked {
  name: string;
  question: unknown;
}

type Answered = { kind: 'answer'; answer: unknown } | { kind: 'failure'; message: string };

/**
 * A process of the benchmark's own, so that what it does costs the process that reports nothing. It answers one
 * question at a time, and ends by itself when we die.
 */
export class BenchProcess<Q extends Questions> {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;

  /** @param entry a TypeScript file that calls {@link answerQuestions}. */
  constructor(entry: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#child = fork(entry, [], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      // In a process group of its own: a Ctrl-C in the terminal reaches us alone, and we end it in order.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    // A process that cannot be reached has ended; `ask` tells.
    this.#child.on('error', () => undefined);
  }

  /** Rejects when the process fails to answer, has ended, or the run is broken off. */
  async ask<N extends keyof Q & string>(name: N, question: Q[N]['question']): Promise<Q[N]['answer']> {
    this.#signal.throwIfAborted();
    if (!this.#child.connected) throw new Error(`The process that answers "${name}" has ended`);
    const over = new AbortController();
    const { signal } = over;
    try {
      const answered = once(this.#child, 'message', { signal });
      const ended = once(this.#child, 'exit', { signal }).then(() => {
        throw new Error(`A process of the benchmark ended before it answered "${name}"`);
      });
      const aborted = once(this.#signal, 'abort', { signal }).then(() => {
        this.#signal.throwIfAborted();
      });
      this.#child.send({ name, question } satisfies Asked);
      const [message] = (await Promise.race([answered, ended, aborted])) as [Answered];
      if (message.kind === 'failure') throw new Error(message.message);
      return message.answer;
    } finally {
      over.abort();
    }
  }

  /** Ends it, and resolves when it has ended. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

/** The other side: answers each question by the handler of its name, and ends the process when nobody can ask. */
export function answerQuestions<Q extends Questions>(handlers: {
  [N in keyof Q]: (question: Q[N]['question']) => Promise<Q[N]['answer']>;
}): void {
  process.on('disconnect', () => {
    process.exit();
  });
  process.on('message', ({ name, question }: Asked) => {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`Nobody answers "${name}"`);
    handler(question).then(
      (answer) => process.send?.({ kind: 'answer', answer } satisfies Answered),
      (error: unknown) =>
        process.send?.({
          kind: 'failure',
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        } satisfies Answered),
    );
  });
}
