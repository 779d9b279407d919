/**
 * Kills what is left when the process that started it dies without a chance to clean up (SIGKILL, a crash). It reads
 * "+<pid>" and "-<pid>" lines from standard input; that ends when the parent does, however it does.
 */
import { createInterface } from 'node:readline';

const pids = new Set();
const lines = createInterface({ input: process.stdin });

lines.on('line', (line) => {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) pids.add(pid);
  else pids.delete(pid);
});

lines.on('close', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
});
