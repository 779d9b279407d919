import { setTimeout as delay } from 'node:timers/promises';
import { epochMs } from '../clock';
import { answersOk } from '../../local/processes/answers';

/** How long an answer may take to come for the first time. */
const TIMEOUT_MS = 30_000;
const POLL_MS = 5;

/** Resolves with the milliseconds from this call until the URL answers with success for the first time. */
export async function msUntilOk(url: string, signal: AbortSignal): Promise<number> {
  const startedAtMs = epochMs();
  while (!(await answersOk(url))) {
    if (epochMs() - startedAtMs > TIMEOUT_MS) throw new Error(`${url} has not answered in ${TIMEOUT_MS} ms`);
    await delay(POLL_MS, undefined, { signal });
  }
  return epochMs() - startedAtMs;
}
