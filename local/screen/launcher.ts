const LOOK_EVERY_MS = 500;

/**
 * Ends us together with npm. Told to end by SIGTERM, npm ends the shell that it runs us in, and we hear nothing of it:
 * but our parent changes. Only under `npm start`: whoever starts us directly may well leave us behind on purpose.
 */
export function abortWithLauncher(ending: AbortController): void {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const launcher = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== launcher) ending.abort();
  }, LOOK_EVERY_MS);
  timer.unref();
}
