import { setImmediate as everythingElse } from 'node:timers/promises';
import type { Random } from '../../app/allocation/clock';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import type { TimerOwner, VirtualTime } from './virtual-time';

/** What the network and the table do to one call. `answer`: this, instead of trying it. */
export type CallFault =
  { kind: 'unavailable' } | { kind: 'answer_lost' } | { kind: 'answer'; answer: unknown };

/** A call on its way to the table or the portal. */
export interface Call {
  owner: TimerOwner;
  /** For people, e.g. `P1.1 save`. */
  label: string;
  /** Does it, as a whole: nothing else happens meanwhile. */
  execute: () => Promise<unknown>;
  /** What may befall it; asked once, when its turn comes. Chance has no part in it when all is calm. */
  fault: (isCalm: boolean) => CallFault | undefined;
  signal?: AbortSignal;
}

interface PendingCall extends Call {
  stage: 'request' | 'answer';
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  deliver?: () => void;
  /** Nobody waits for the answer any more; what was sent may arrive all the same. */
  isAbandoned: boolean;
  giveUp: () => void;
}

/** Each answer waits this often, so that others can come in between. */
const DELAYED_ANSWER_SHARE = 0.35;
/** What a dead process had sent arrives this often. */
const LATE_ARRIVAL_SHARE = 0.5;

/**
 * Holds back every call of every process, and lets one through at a time, in an order that only the random numbers
 * decide: first it is done, then its answer is delivered, with others in between.
 */
export class CallGate {
  #pending: PendingCall[] = [];
  /** Lets calls through in the order they come, without a fault. */
  isOpen = false;
  /** Calls done so far: the world's count of moments. */
  doneCount = 0;

  constructor(private readonly time: VirtualTime) {}

  call(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        pending.isAbandoned = true;
        reject(new StoreUnavailableError(call.label, { cause: call.signal?.reason }));
      };
      const pending: PendingCall = { ...call, stage: 'request', resolve, reject, isAbandoned: false, giveUp };
      if (call.signal?.aborted) {
        giveUp();
        return;
      }
      call.signal?.addEventListener('abort', giveUp, { once: true });
      this.#pending.push(pending);
    });
  }

  /** True when there is a call that somebody awake waits for, or that is yet to arrive. */
  hasWork(isAwake: (owner: TimerOwner) => boolean): boolean {
    return this.#movable(isAwake).length > 0;
  }

  /** The process is dead: no answer reaches it, and what it had sent arrives, or does not. */
  abandon(owner: TimerOwner): void {
    for (const call of this.#pending) if (call.owner === owner) call.isAbandoned = true;
    this.#pending = this.#pending.filter((call) => !(call.isAbandoned && call.stage === 'answer'));
  }

  /** Lets one call go one step further. False when there is none. */
  async step(random: Random, isAwake: (owner: TimerOwner) => boolean): Promise<boolean> {
    const movable = this.#movable(isAwake);
    const call = movable[this.isOpen ? 0 : Math.floor(random() * movable.length)];
    if (!call) return false;
    if (call.stage === 'request') {
      if (call.isAbandoned && random() >= LATE_ARRIVAL_SHARE) {
        this.#drop(call);
        return true;
      }
      await this.#execute(call);
      const isDelayed = !this.isOpen && random() < DELAYED_ANSWER_SHARE;
      if (isDelayed || !isAwake(call.owner)) return true;
    }
    await this.#deliver(call);
    return true;
  }

  /** Requests travel whether or not their sender is awake; answers wait for it. */
  #movable(isAwake: (owner: TimerOwner) => boolean): PendingCall[] {
    return this.#pending.filter((call) => call.stage === 'request' || isAwake(call.owner));
  }

  async #execute(call: PendingCall): Promise<void> {
    const fault = call.fault(this.isOpen);
    const noAnswer = (why: string): void => {
      const error = new StoreUnavailableError(call.label, { cause: new Error(`${why} (injected)`) });
      call.deliver = () => {
        call.reject(error);
      };
    };
    call.stage = 'answer';
    if (fault?.kind === 'unavailable') {
      noAnswer('no connection');
      return;
    }
    if (fault?.kind === 'answer') {
      call.deliver = () => {
        call.resolve(fault.answer);
      };
      return;
    }
    this.doneCount += 1;
    try {
      const answer = await call.execute();
      call.deliver = () => {
        call.resolve(answer);
      };
    } catch (error) {
      call.deliver = () => {
        call.reject(error);
      };
    }
    if (fault?.kind === 'answer_lost') noAnswer('connection lost');
    if (call.isAbandoned) this.#drop(call);
  }

  async #deliver(call: PendingCall): Promise<void> {
    this.#drop(call);
    if (call.isAbandoned) return;
    this.time.currentOwner = call.owner;
    call.deliver?.();
    await everythingElse();
  }

  #drop(call: PendingCall): void {
    call.signal?.removeEventListener('abort', call.giveUp);
    this.#pending = this.#pending.filter((other) => other !== call);
  }
}
