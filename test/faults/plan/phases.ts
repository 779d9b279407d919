import type { Random } from '../../../app/allocation/clock';

/** What can befall a call to the engine. */
export const ENGINE_FAULTS = [
  'slow',
  'cut_before',
  'cut_after',
  'silent_before',
  'silent_after',
  'late',
  'error',
  'throttled',
  'conflict',
  'in_progress',
  'half_answer',
  'short_answer',
] as const;

export type EngineFault = (typeof ENGINE_FAULTS)[number];

/** What can befall a call to the portal. */
export const PORTAL_FAULTS = [
  'slow',
  'cut_before',
  'cut_after',
  'silent_after',
  'error',
  'half_answer',
  'not_found',
  'not_json',
  'old_list',
  'gappy_list',
  'accepted_only',
  'forbidden',
  'rejected',
  'renumbered_list',
  'doubled_list',
  'odd_list',
] as const;

export type PortalFault = (typeof PORTAL_FAULTS)[number];

/** The share of calls, from 0 to 1, that each fault befalls. */
export type Rates<Fault extends string> = Partial<Record<Fault, number>>;

/** A stretch of time with faults of its own. */
export interface Phase<Fault extends string> {
  name: string;
  fromMs: number;
  rates: Rates<Fault>;
}

/** One way of going wrong, and how long it lasts at a time. */
interface Weather<Fault extends string> {
  name: string;
  rates: Rates<Fault>;
  durationMs: [shortest: number, longest: number];
}

const ENGINE_WEATHER: Weather<EngineFault>[] = [
  { name: 'calm', rates: { slow: 0.05 }, durationMs: [1_000, 3_000] },
  {
    name: 'lossy',
    rates: { cut_before: 0.05, cut_after: 0.1, late: 0.04, half_answer: 0.04, short_answer: 0.03 },
    durationMs: [2_000, 5_000],
  },
  { name: 'throttled', rates: { throttled: 0.35, slow: 0.1 }, durationMs: [1_500, 4_000] },
  {
    name: 'contended',
    rates: { conflict: 0.3, in_progress: 0.05, cut_after: 0.03 },
    durationMs: [2_000, 5_000],
  },
  { name: 'slow', rates: { slow: 0.7, late: 0.03 }, durationMs: [1_500, 4_000] },
  { name: 'silent', rates: { silent_before: 0.02, silent_after: 0.05 }, durationMs: [2_000, 4_000] },
  { name: 'brownout', rates: { error: 0.5, cut_after: 0.1 }, durationMs: [1_000, 3_000] },
  { name: 'outage', rates: { cut_before: 1 }, durationMs: [500, 2_500] },
  {
    name: 'everything',
    rates: Object.fromEntries(ENGINE_FAULTS.map((fault) => [fault, 0.025])),
    durationMs: [2_000, 5_000],
  },
];

const PORTAL_WEATHER: Weather<PortalFault>[] = [
  { name: 'calm', rates: {}, durationMs: [1_500, 4_000] },
  { name: 'failing', rates: { error: 0.7 }, durationMs: [1_000, 3_000] },
  { name: 'forgetful', rates: { cut_after: 0.5, half_answer: 0.2 }, durationMs: [1_500, 4_000] },
  { name: 'outage', rates: { cut_before: 1 }, durationMs: [500, 1_500] },
  { name: 'slow', rates: { slow: 0.8, silent_after: 0.2 }, durationMs: [1_500, 4_000] },
  { name: 'old lists', rates: { old_list: 0.8 }, durationMs: [3_000, 7_000] },
  { name: 'gappy lists', rates: { gappy_list: 0.9 }, durationMs: [4_000, 8_000] },
  // Again: most of what can go wrong with a sync begins with a list that lacks something.
  { name: 'more gaps', rates: { gappy_list: 0.6, slow: 0.3 }, durationMs: [4_000, 8_000] },
  // It lies: deletions are accepted, or refused one by one, and nothing is done; ids and fields of the list go astray.
  { name: 'deletes nothing', rates: { accepted_only: 0.6, not_found: 0.3 }, durationMs: [2_000, 5_000] },
  { name: 'forbids some', rates: { forbidden: 0.3 }, durationMs: [1_500, 4_000] },
  { name: 'rejects all', rates: { rejected: 1 }, durationMs: [1_000, 2_500] },
  {
    name: 'odd lists',
    rates: { renumbered_list: 0.3, doubled_list: 0.3, odd_list: 0.3 },
    durationMs: [3_000, 7_000],
  },
  { name: 'elsewhere', rates: { not_found: 0.5, not_json: 0.2 }, durationMs: [1_000, 2_500] },
  {
    name: 'everything',
    rates: Object.fromEntries(PORTAL_FAULTS.map((fault) => [fault, 0.05])),
    durationMs: [2_000, 5_000],
  },
];

/** The engine's weather from the start to the end of a run: the same for the same random numbers. */
export function enginePhases(random: Random, durationMs: number): Phase<EngineFault>[] {
  return phases(ENGINE_WEATHER, random, durationMs);
}

/** The portal's weather, as {@link enginePhases}. */
export function portalPhases(random: Random, durationMs: number): Phase<PortalFault>[] {
  return phases(PORTAL_WEATHER, random, durationMs);
}

/** The phase that holds at a time; `undefined` before the first. */
export function phaseAt<Fault extends string>(all: Phase<Fault>[], atMs: number): Phase<Fault> | undefined {
  return all.findLast(({ fromMs }) => fromMs <= atMs);
}

/** Which fault befalls the next call, if any. */
export function pickFault<Fault extends string>(rates: Rates<Fault>, random: Random): Fault | undefined {
  let dice = random();
  for (const [fault, rate] of Object.entries(rates) as [Fault, number][]) {
    if (dice < rate) return fault;
    dice -= rate;
  }
  return undefined;
}

/** Every kind once, in an order of its own, before any comes again. */
function phases<Fault extends string>(
  weather: Weather<Fault>[],
  random: Random,
  durationMs: number,
): Phase<Fault>[] {
  const result: Phase<Fault>[] = [];
  let deck: Weather<Fault>[] = [];
  for (let fromMs = 0; fromMs < durationMs;) {
    if (deck.length === 0) deck = [...weather];
    const [next] = deck.splice(Math.floor(random() * deck.length), 1);
    if (!next) break;
    result.push({ name: next.name, fromMs, rates: next.rates });
    const [shortest, longest] = next.durationMs;
    fromMs += Math.round(shortest + random() * (longest - shortest));
  }
  return result;
}
