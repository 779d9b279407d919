import { readFile } from 'node:fs/promises';
import type { ManagedProcess } from '../../local/processes/managed-process';

/** Resident memory of a process, in MB (2^20 bytes). */
export interface ProcessMemory {
  rssMb: number;
  /** The most that it has ever had. */
  peakRssMb: number;
}

const KB_PER_MB = 1_024;

/** What a process takes now, from `/proc`; `undefined` on systems without it. Throws if it does not run. */
export async function memoryOf({ role, pid }: ManagedProcess): Promise<ProcessMemory | undefined> {
  if (pid === undefined) throw new Error(`${role} does not run`);
  if (process.platform !== 'linux') return undefined;
  return parseProcStatus(await readFile(`/proc/${pid}/status`, 'utf8'));
}

/** Reads `VmRSS` and `VmHWM` (proc(5)). Throws if they are not there. */
export function parseProcStatus(text: string): ProcessMemory {
  const inMb = (name: string): number => {
    const kb = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    if (kb === undefined) throw new Error(`/proc names no ${name}`);
    return Number(kb) / KB_PER_MB;
  };
  return { rssMb: inMb('VmRSS'), peakRssMb: inMb('VmHWM') };
}
