import type { Random } from '../../../app/allocation/clock';

/** Something that happens to a process, or to the engine. */
export interface ProcessEvent {
  /** After the start of the faults. */
  atMs: number;
  /** `kill` is SIGKILL, `drain` SIGTERM, `freeze` SIGSTOP and, after `durationMs`, SIGCONT. All but `freeze` are
   * followed by a start. */
  kind: 'kill' | 'drain' | 'freeze';
  /** Which one: of the API processes, of the workers, or the one engine. */
  target: { role: 'api' | 'worker'; index: number } | { role: 'engine' };
  durationMs: number;
}

/** A lease lives three seconds in these runs: the longer freezes outlast it. */
const FREEZE_MS = { process: [1_000, 6_000], engine: [300, 2_500] } as const;
const GAP_MS = [700, 3_000] as const;

/** What happens to the processes in a run: the same for the same random numbers. */
export function processEvents(
  random: Random,
  durationMs: number,
  { apiCount, workerCount }: { apiCount: number; workerCount: number },
): ProcessEvent[] {
  const between = ([low, high]: readonly [number, number]): number =>
    Math.round(low + random() * (high - low));
  const events: ProcessEvent[] = [];
  for (let atMs = between(GAP_MS); atMs < durationMs; atMs += between(GAP_MS)) {
    const dice = random();
    const kind = dice < 0.4 ? 'kill' : dice < 0.7 ? 'freeze' : 'drain';
    const who = random();
    if (who < 0.15) {
      // The engine knows no draining: it is killed, keeps what it has written, and comes back.
      const isFrozen = kind === 'freeze';
      events.push({
        atMs,
        kind: isFrozen ? 'freeze' : 'kill',
        target: { role: 'engine' },
        durationMs: isFrozen ? between(FREEZE_MS.engine) : 0,
      });
      continue;
    }
    const isApi = who < 0.5;
    events.push({
      atMs,
      kind,
      target: {
        role: isApi ? 'api' : 'worker',
        index: Math.floor(random() * (isApi ? apiCount : workerCount)),
      },
      durationMs: kind === 'freeze' ? between(FREEZE_MS.process) : 0,
    });
  }
  return events;
}
