import type { AwsContext } from '../context';
import { EXIT_CODES, type ExitCode } from '../exit-code';
import { explainError } from '../explain-error';
import { ask, valueOf } from '../source';
import { commandLine, describeTarget } from '../target';
import { localTime, localTimeOfDay } from '../text/times';
import { ALARMS_SOURCE, Readability } from './readability';
import { changesBetween, controlText, firing, serviceText, type Observation } from './changes';

export interface WatchOptions {
  minutes: number;
  intervalSeconds: number;
}

type Event = 'began' | 'changed' | 'alarm_fired' | 'cannot_read' | 'can_read_again' | 'ended';

/**
 * Looks again and again, and prints what changes. Ends with 4 when an alarm fires, or when one that was in ALARM from
 * the beginning still is at the end; with 1 if at the end the alarms cannot be read, and with 3 if for more than two
 * intervals in a row they could not be, because then nobody knows.
 *
 * @throws what keeps the alarms from being read at the first look.
 */
export async function watchCommand(context: AwsContext, options: WatchOptions): Promise<ExitCode> {
  const { target, nowMs, sleep, signal } = context;
  const say = (event: Event, text: string): void => {
    tell(context, event, text);
  };
  const untilMs = nowMs() + options.minutes * 60_000;

  const first = await observe(context);
  if (first.observation.alarms === undefined) throw first.alarmsError;
  let last = first.observation;
  if (last.alarms?.length === 0) {
    throw new Error(
      `There is no alarm ${target.alarmNamePrefix}-* in ${target.table.region}: nothing to watch.`,
    );
  }
  const readability = new Readability(options.intervalSeconds * 1_000);
  say('began', `watching ${describeTarget(target)} until ${localTimeOfDay(untilMs)}; Ctrl-C ends it`);
  for (const line of describe(last)) say('began', line);
  for (const { kind, text } of readability.note(first.unreadable, nowMs())) say(kind, text);

  while (nowMs() < untilMs) {
    await sleep(Math.min(options.intervalSeconds * 1_000, Math.max(untilMs - nowMs(), 0)), signal);
    const lookedAtMs = nowMs();
    const { observation, unreadable } = await observe(context);
    for (const { kind, text } of readability.note(unreadable, lookedAtMs)) say(kind, text);
    const changes = changesBetween(last, observation);
    for (const { kind, text } of changes) say(kind, text);
    if (changes.some(({ kind }) => kind === 'alarm_fired')) {
      say('ended', `an alarm fired. Look: ${commandLine(target, 'status')}`);
      return EXIT_CODES.alarm;
    }
    last = merge(last, observation);
    if (nowMs() >= untilMs && observation.alarms === undefined) {
      readability.end(nowMs());
      const blind = readability.blindText ?? '';
      say(
        'ended',
        `the time is over, but the alarms cannot be read: whether one fired is not known. ${blind}`,
      );
      return EXIT_CODES.failed;
    }
  }
  const blind = readability.blindText;
  const blindness = blind === undefined ? '' : `; ${blind}`;
  const standing = firing(last.alarms).map(({ name }) => name);
  if (standing.length > 0) {
    say('ended', `the time is over; still in ALARM: ${standing.join(', ')}${blindness}`);
    return EXIT_CODES.alarm;
  }
  if (readability.isSubstantial) {
    say('ended', `the time is over${blindness}: whether one fired meanwhile is not known`);
    return EXIT_CODES.partlyFailed;
  }
  say('ended', `the time is over, and no alarm fired${blindness}`);
  return EXIT_CODES.done;
}

interface Look {
  observation: Observation;
  /** Why, by source. */
  unreadable: Map<string, string>;
  alarmsError?: unknown;
}

/** What can be read now, and what cannot. */
async function observe({ aws, platform, target }: AwsContext): Promise<Look> {
  let alarmsError: unknown;
  const explain = (error: unknown): string => explainError(error, target);
  const [alarms, api, worker, control] = await Promise.all([
    ask(
      () => aws.alarms.list(),
      (error) => {
        alarmsError = error;
        return explain(error);
      },
    ),
    ask(() => aws.services.describe(target.apiService), explain),
    ask(() => aws.services.describe(target.workerService), explain),
    ask(() => platform.jobs.getControl(), explain),
  ]);
  const observation = {
    alarms: valueOf(alarms),
    services: [api, worker].flatMap((source) => valueOf(source) ?? []),
    control: valueOf(control),
  };
  const sources = {
    [ALARMS_SOURCE]: alarms,
    [target.apiService]: api,
    [target.workerService]: worker,
    'who runs the jobs': control,
  };
  const unreadable = new Map(
    Object.entries(sources).flatMap(([name, source]) =>
      source.kind === 'unknown' ? [[name, source.reason]] : [],
    ),
  );
  return { observation, unreadable, alarmsError };
}

/** What was seen last, piece by piece: a change during an outage is told when it is over. */
function merge(before: Observation, after: Observation): Observation {
  const missed = before.services.filter(({ name }) => !after.services.some((each) => each.name === name));
  return {
    alarms: after.alarms ?? before.alarms,
    services: [...after.services, ...missed],
    control: after.control ?? before.control,
  };
}

function describe({ alarms = [], services, control }: Observation): string[] {
  const inAlarm = firing(alarms).map(({ name }) => name);
  return [
    ...services.map((service) => `${service.name}: ${serviceText(service)}`),
    ...(control ? [`jobs: ${controlText(control)}`] : []),
    `${alarms.length} alarms, in ALARM: ${inAlarm.length === 0 ? 'none' : inAlarm.join(', ')}`,
  ];
}

function tell({ terminal, isJson, nowMs }: AwsContext, event: Event, text: string): void {
  const atMs = nowMs();
  terminal.out(
    isJson ? JSON.stringify({ at: localTime(atMs), event, text }) : `${localTimeOfDay(atMs)}  ${text}`,
  );
}
