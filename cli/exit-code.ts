/** How the process ends. Scripts may rely on these (docs/cli.md). */
export const EXIT_CODES = {
  /** Done, or there was nothing to do. */
  done: 0,
  /** Failed, or refused by the person who was asked. */
  failed: 1,
  /** The command line is wrong. Nothing was tried. */
  usage: 2,
  /** A part failed: a step of an action, a source of the status, or `watch` could not see the alarms for a time. */
  partlyFailed: 3,
  /** `watch`: an alarm fired, or is still in ALARM at the end. */
  alarm: 4,
  /** Nobody reads the output any more, as shells count a broken pipe. */
  outputClosed: 141,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
