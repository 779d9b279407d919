/** The most memory that a process may have taken at the end of a run. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;

/** Words in our own logs that must never be said, because only a bug, or a hand in the table, leads there. */
const NEVER_SAID = [
  '"level":"fatal"',
  'UnhandledPromiseRejection',
  'ended a claim that had lost its sandbox',
  'the claim of an allocated sandbox is for another one',
  'passed over an unreadable sandbox row',
  '"msg":"unexpected error"',
];

/** Lines of a process's output that tell of a bug. */
export function logViolations(role: string, output: string): string[] {
  return output
    .split('\n')
    .filter((line) => NEVER_SAID.some((words) => line.includes(words)))
    .map((line) => `${role} said: ${line.slice(0, 600)}`);
}

/** Whether a process, by its own metrics, has taken more memory than its work can explain. */
export function memoryViolations(role: string, metrics: string): string[] {
  const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
  if (Number.isNaN(bytes)) return [`${role} does not tell how much memory it has taken`];
  return bytes > MAX_MEMORY_BYTES ? [`${role} has taken ${Math.round(bytes / 2 ** 20)} MiB of memory`] : [];
}
