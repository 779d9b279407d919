import type { ManagedProcess } from './managed-process';

export interface RespawnOptions {
  /** Told what happened, in words for people. */
  onEvent: (message: string) => void;
  /** Called when the process is up again, under another pid. */
  onRestarted?: () => void;
  firstDelayMs?: number;
  maxDelayMs?: number;
}

/**
 * Starts a process again whenever it ends unasked, as ECS does with a task: soon at first, then ever more slowly while
 * it keeps failing. Returns a function that ends this care.
 */
export function keepRunning(process: ManagedProcess, options: RespawnOptions): () => void {
  const { onEvent, onRestarted, firstDelayMs = 500, maxDelayMs = 30_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let failedStarts = 0;
  let isOver = false;

  const startAgain = async (): Promise<void> => {
    try {
      await process.start();
      failedStarts = 0;
      // First: whoever reads that it runs again may look for its new pid at once.
      onRestarted?.();
      onEvent(`${process.role} runs again (pid ${process.pid ?? 0}).`);
    } catch (error) {
      failedStarts++;
      schedule(error instanceof Error ? error.message : String(error));
    }
  };
  const schedule = (what: string): void => {
    if (isOver) return;
    const delayMs = Math.min(firstDelayMs * 2 ** failedStarts, maxDelayMs);
    onEvent(`${what} It is started again in ${delayMs / 1000} s.`);
    timer = setTimeout(() => void startAgain(), delayMs);
  };

  process.onUnexpectedExit((exit) => {
    const how = exit.signal === null ? `with exit code ${exit.code ?? '?'}` : `by ${exit.signal}`;
    schedule(`${process.role} ended unexpectedly, ${how}.`);
  });
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
