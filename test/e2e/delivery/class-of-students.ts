import { setTimeout as delay } from 'node:timers/promises';
import type { Track } from '../support/broker-client';

const PAUSE_MS = 150;

/** Students who come one after the other, without a pause; every other one gives the sandbox back at once. */
export class ClassOfStudents {
  readonly failures: string[] = [];
  servedCount = 0;
  readonly #handedOut = new Set<string>();
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(private readonly track: Track) {
    this.#done = this.#come();
  }

  /** The lesson is over. Resolves when the last student has been answered. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #come(): Promise<void> {
    for (let number = 1; !this.#isOver; number++) {
      try {
        await this.#serve(`class-${number}`, number % 2 === 0);
      } catch (error) {
        this.failures.push(`student ${number}: ${String(error)}`);
      }
      await delay(PAUSE_MS);
    }
  }

  async #serve(student: string, givesBack: boolean): Promise<void> {
    const { status, body } = await this.track.allocate(student);
    if (status !== 201) throw new Error(`allocate answered ${status} ${JSON.stringify(body)}`);
    const sandboxId = String(body.sandbox_id);
    if (this.#handedOut.has(sandboxId)) throw new Error(`${sandboxId} was handed out before`);
    this.#handedOut.add(sandboxId);
    if (givesBack) {
      const marked = await this.track.markForDeletion(student, body.sandbox_id);
      if (marked.status !== 200) throw new Error(`mark-for-deletion answered ${marked.status}`);
    }
    this.servedCount++;
  }
}
