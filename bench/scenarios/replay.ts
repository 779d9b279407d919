import {
  API_PROCESS_COUNT,
  CLIENT_NOTE,
  LATENCY_NOTE,
  RATE_LIMIT_NOTE,
  withBenchSystem,
  type BenchSystem,
} from '../bench-system';
import { LIMIT_CONCURRENCY } from '../limit/limit-clients';
import { sandboxIn, zip } from '../load/answers';
import { giveEachOne } from '../load/give-each-one';
import type { AllocateCall } from '../load/load-generator';
import type { BenchContext, Scenario, ScenarioResult } from '../scenario';
import { median, percentile, sum } from '../statistics';

const STUDENT_COUNT = 1_000;
const LANE_COUNT = API_PROCESS_COUNT * LIMIT_CONCURRENCY;
/** Times that each student asks again in a round: far below what one caller may. */
const REPLAYS_EACH = 4;

/** Students who hold a sandbox ask again and again, with the same key. */
export const replayScenario: Scenario = {
  name: 'replay',
  title: 'Replay: idempotent retries by 1,000 students who hold a sandbox',
  run: (context) => withBenchSystem(context, {}, (bench) => run(context, bench)),
};

interface Replays {
  ratePerSecond: number;
  latenciesMs: number[];
  /** Not answered with 200. */
  failedCount: number;
  /** Answered with another sandbox than the student's. */
  wrongCount: number;
}

async function run(context: BenchContext, bench: BenchSystem): Promise<ScenarioResult> {
  const roundCount = context.isQuick ? 1 : 7;
  context.progress('giving each student a sandbox');
  await bench.pool.refill([{ count: 2 * STUDENT_COUNT, namePrefix: 'bench-' }]);
  await bench.load.open(LANE_COUNT);
  const held = await giveEachOne(bench, lanes(1));

  context.progress('warming up');
  await replay(bench, held);
  const rounds: Replays[] = [];
  for (let turn = 1; turn <= roundCount; turn += 1) {
    context.progress(`round ${turn} of ${roundCount}`);
    rounds.push(await replay(bench, held));
  }
  const middle = (pick: (round: Replays) => number): number => median(rounds.map(pick));
  const figures = {
    replay_per_second: middle((round) => round.ratePerSecond),
    replay_p50_ms: middle((round) => percentile(round.latenciesMs, 50)),
    replay_p95_ms: middle((round) => percentile(round.latenciesMs, 95)),
    replay_p99_ms: middle((round) => percentile(round.latenciesMs, 99)),
    replay_failed_count: sum(rounds.map((round) => round.failedCount)),
    replay_wrong_count: sum(rounds.map((round) => round.wrongCount)),
  };
  return {
    columns: ['', 'replays/s', 'p50 (ms)', 'p95 (ms)', 'p99 (ms)', 'failed', 'wrong sandbox'],
    rows: [[`warm, median of ${roundCount}`, ...Object.values(figures)]],
    notes: [
      `${LANE_COUNT} connections, each with one call in flight; a round is ${REPLAYS_EACH * STUDENT_COUNT} calls. ` +
        'Medians over the rounds; the first is thrown away.',
      "A replay that is answered otherwise than with 200 has failed; one with another than the student's own sandbox " +
        'is wrong. Neither counts in the rate.',
      LATENCY_NOTE,
      RATE_LIMIT_NOTE,
      CLIENT_NOTE,
    ],
    values: figures,
  };
}

async function replay(bench: BenchSystem, held: ReadonlyMap<string, string>): Promise<Replays> {
  const calls = lanes(REPLAYS_EACH);
  const answered = zip(calls, await bench.load.allocate(calls));
  const answers = answered.map(([, answer]) => answer);
  const durationMs =
    Math.max(...answers.map(({ endedAtMs }) => endedAtMs)) -
    Math.min(...answers.map(({ startedAtMs }) => startedAtMs));
  const failedCount = answers.filter(({ status }) => status !== 200).length;
  const rightCount = answered.filter(
    ([{ caller }, answer]) => answer.status === 200 && sandboxIn(answer) === held.get(caller),
  ).length;
  return {
    ratePerSecond: (rightCount / durationMs) * 1_000,
    latenciesMs: answers.map(({ startedAtMs, endedAtMs }) => endedAtMs - startedAtMs),
    failedCount,
    wrongCount: answers.length - failedCount - rightCount,
  };
}

/** Every student so many times, spread over the lanes. */
function lanes(timesEach: number): AllocateCall[][] {
  const all: AllocateCall[][] = Array.from({ length: LANE_COUNT }, () => []);
  for (let call = 0; call < timesEach * STUDENT_COUNT; call += 1) {
    all[call % LANE_COUNT]?.push({ caller: `student-${call % STUDENT_COUNT}` });
  }
  return all;
}
