/**
 * A run without progress for this long has stalled: its lease is no longer renewed, so that another process may begin,
 * and the worker fails its health check.
 */
export const STALL_LIMIT_MS = 300_000;
