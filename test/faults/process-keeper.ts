import { setTimeout as delay } from 'node:timers/promises';
import type { LocalSystem } from '../../local/local-system';
import { answersOk } from '../../local/processes/answers';
import type { BrokerInstance } from '../../local/processes/broker-process';
import type { ManagedProcess, ProcessExit } from '../../local/processes/managed-process';
import type { ProcessEvent } from './plan/process-events';

/** On a machine with a lot to do. A drain that hangs takes for ever. */
const MAX_DRAIN_MS = 45_000;
const ENGINE_DOWN_MS = 300;
const POLL_MS = 100;

/** Kills, freezes and drains the processes of a system as planned, and knows every end that it did not cause. */
export class ProcessKeeper {
  /** Ends, and failures to end, that nobody asked for. */
  readonly violations: string[] = [];
  readonly counts: Record<string, number> = {};
  /** When an API process or the engine stood still, until when: callers may have heard old news then. */
  readonly freezes: { fromMs: number; toMs: number }[] = [];
  readonly #killed = new Set<number>();
  readonly #draining = new Set<number>();
  readonly #lastPids = new Map<ManagedProcess, number>();
  #underWay: Promise<void>[] = [];

  constructor(private readonly system: Pick<LocalSystem, 'apis' | 'workers' | 'engine'>) {
    for (const { process: each } of this.#instances) {
      each.onUnexpectedExit((exit) => {
        this.#judge(each.role, this.#lastPids.get(each), exit);
      });
    }
  }

  /** What the restarts of processes have to say; an exit code there is one that nobody asked for. */
  onRespawnEvent(message: string): void {
    if (/exit code [1-9]\d* before it was ready/.test(message)) this.violations.push(message);
  }

  /** Plays a plan, until told to stop. */
  async play(events: readonly ProcessEvent[], over: AbortSignal): Promise<void> {
    const startedAtMs = Date.now();
    for (const event of events) {
      await delay(Math.max(0, startedAtMs + event.atMs - Date.now()), undefined, { signal: over }).catch(
        () => undefined,
      );
      if (over.aborted) return;
      this.#underWay.push(this.#happen(event));
    }
  }

  /** Resolves when nothing is frozen, dead or ending any more: all processes answer. False if that takes too long. */
  async settle(deadlineMs: number): Promise<boolean> {
    await Promise.all(this.#underWay);
    this.#underWay = [];
    while (Date.now() < deadlineMs) {
      const answers = await Promise.all(this.#instances.map(({ url }) => answersOk(`${url}/healthz`)));
      if (answers.every(Boolean)) return true;
      await delay(POLL_MS);
    }
    return false;
  }

  /** Ends every process of ours in order; each must exit with 0. */
  async drainAll(): Promise<void> {
    await Promise.all(
      this.#instances.map(async ({ process: each }) => {
        const exit = await Promise.race([
          each.kill('SIGTERM'),
          delay(MAX_DRAIN_MS, 'late' as const, { ref: false }),
        ]);
        if (exit === 'late')
          this.violations.push(`${each.role} does not end: it drains since ${MAX_DRAIN_MS} ms`);
        else if (exit?.code !== 0) this.violations.push(`${each.role} drained, and ended ${describe(exit)}`);
      }),
    );
  }

  get #instances(): BrokerInstance[] {
    return [...this.system.apis, ...this.system.workers];
  }

  async #happen({ kind, target, durationMs }: ProcessEvent): Promise<void> {
    if (target.role === 'engine') {
      await this.#engine(kind, durationMs);
      return;
    }
    const all = target.role === 'api' ? this.system.apis : this.system.workers;
    const victim = all[target.index]?.process;
    const pid = victim?.pid;
    // A second SIGTERM means "at once", and a process that drains must not be held up either.
    if (!victim || pid === undefined || this.#draining.has(pid)) return;
    this.#count(`${kind} ${target.role}`);
    this.#lastPids.set(victim, pid);
    switch (kind) {
      case 'kill':
        this.#killed.add(pid);
        send(pid, 'SIGKILL');
        return;
      case 'freeze':
        await this.#freeze(pid, durationMs, target.role === 'api');
        return;
      case 'drain':
        await this.#drain(victim, pid);
    }
  }

  async #engine(kind: ProcessEvent['kind'], durationMs: number): Promise<void> {
    const { engine } = this.system;
    const pid = engine?.pid;
    if (!engine || pid === undefined) return;
    this.#count(`${kind} engine`);
    if (kind === 'freeze') {
      await this.#freeze(pid, durationMs, true);
      return;
    }
    const fromMs = Date.now();
    await engine.kill('SIGKILL');
    await delay(ENGINE_DOWN_MS);
    await engine.start();
    this.freezes.push({ fromMs, toMs: Date.now() });
  }

  async #freeze(pid: number, durationMs: number, isNoticed: boolean): Promise<void> {
    const fromMs = Date.now();
    const freeze = { fromMs, toMs: fromMs + durationMs };
    if (isNoticed) this.freezes.push(freeze);
    send(pid, 'SIGSTOP');
    await delay(durationMs);
    send(pid, 'SIGCONT');
    freeze.toMs = Date.now();
  }

  async #drain(victim: ManagedProcess, pid: number): Promise<void> {
    this.#draining.add(pid);
    send(pid, 'SIGTERM');
    const deadlineMs = Date.now() + MAX_DRAIN_MS;
    while (victim.pid === pid) {
      if (Date.now() > deadlineMs) {
        this.violations.push(`${victim.role} does not end: it drains since ${MAX_DRAIN_MS} ms`);
        this.#killed.add(pid);
        send(pid, 'SIGKILL');
        return;
      }
      await delay(POLL_MS);
    }
  }

  #judge(role: string, pid: number | undefined, exit: ProcessExit): void {
    const isOurKill = exit.signal === 'SIGKILL' && pid !== undefined && this.#killed.has(pid);
    const isOurDrain = exit.code === 0 && pid !== undefined && this.#draining.has(pid);
    if (!isOurKill && !isOurDrain) this.violations.push(`${role} ended by itself, ${describe(exit)}`);
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

function describe(exit: ProcessExit | undefined): string {
  return exit?.signal ? `by ${exit.signal}` : `with exit code ${String(exit?.code)}`;
}

/** A process that has ended meanwhile needs no signal. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
