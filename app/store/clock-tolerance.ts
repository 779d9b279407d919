/** How far the clocks of two processes may differ. What lies further in the future was not written by a right clock. */
export const CLOCK_TOLERANCE_SECONDS = 300;

/** Whether a moment that should have passed lies in the future by more than clocks may differ. */
export function isInFuture(seconds: number, nowSeconds: number): boolean {
  return seconds > nowSeconds + CLOCK_TOLERANCE_SECONDS;
}
