import { performance } from 'node:perf_hooks';

/** Milliseconds since 1970, with fractions: comparable between processes of one machine. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
