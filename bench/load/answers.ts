import type { AllocateCall } from './load-generator';
import type { TimedAnswer } from './raw-connection';

/** Each call with its answer; both lane by lane, as `LoadGenerator.allocate` takes and gives them. */
export function zip(calls: AllocateCall[][], answers: TimedAnswer[][]): [AllocateCall, TimedAnswer][] {
  const flat = calls.flat();
  return answers.flat().flatMap((answer, index) => {
    const call = flat[index];
    return call === undefined ? [] : [[call, answer]];
  });
}

/** The sandbox that an answer names as the caller's; `undefined` if the call failed. */
export function sandboxIn({ status, body }: Pick<TimedAnswer, 'status' | 'body'>): string | undefined {
  if (status !== 200 && status !== 201) return undefined;
  return (JSON.parse(body) as { sandbox_id?: string }).sandbox_id;
}
