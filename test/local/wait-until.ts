import { setTimeout as delay } from 'node:timers/promises';

/** Waits until something is so. If it never is, Jest's own time limit ends the test. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}

/** True as long as the process is there, even if only to be looked after by its parent. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
