import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../app/allocation/clock';
import { pickFault, type PortalFault, type Rates } from '../plan/phases';
import { WayThrough, openDoor, type Door, type DoorAnswer, type DoorRequest, type Ending } from './door';

export interface PortalDoorOptions {
  portalUrl: string;
  random: Random;
  /** What is to go wrong now. */
  rates: () => Rates<PortalFault>;
}

export interface PortalDoor extends Door {
  /** How often each fault befell a call, and how many calls there were. */
  counts: Record<string, number>;
  /** Accounts that the broker was told are gone, while they are not: by the last segment of their ids. */
  deniedKeys: Set<string>;
}

const SLOW_MS = { min: 100, max: 1_500 };
const ERROR_STATUSES = [500, 502, 503, 504, 429];
/** The share of accounts that a gappy list leaves out: less than half, so that the list is believed. */
const GAP_SHARE = 0.3;
const KEPT_LISTS = 12;

/** Opens a door before the portal that makes it fail as portals do, and lists as they were a while ago. */
export async function openPortalDoor({ portalUrl, random, rates }: PortalDoorOptions): Promise<PortalDoor> {
  const way = new WayThrough(() => portalUrl);
  const counts: Record<string, number> = { calls: 0 };
  const deniedKeys = new Set<string>();
  const lists: DoorAnswer[] = [];

  const forward = async (request: DoorRequest): Promise<DoorAnswer> => {
    const answer = await way.forward(request);
    if (request.method === 'GET' && answer.status === 200) {
      lists.push(answer);
      if (lists.length > KEPT_LISTS) lists.shift();
    }
    return answer;
  };

  const decide = async (request: DoorRequest): Promise<Ending> => {
    counts.calls = (counts.calls ?? 0) + 1;
    const fault = pickFault(rates(), random);
    const isList = request.method === 'GET';
    if (fault === undefined || (isList ? DELETIONS_ONLY : LIST_ONLY).has(fault)) {
      return { kind: 'answer', answer: await forward(request) };
    }
    counts[fault] = (counts[fault] ?? 0) + 1;
    switch (fault) {
      case 'slow':
        await delay(SLOW_MS.min + random() * (SLOW_MS.max - SLOW_MS.min));
        return { kind: 'answer', answer: await forward(request) };
      case 'cut_before':
        return { kind: 'cut' };
      case 'cut_after':
        await forward(request);
        return { kind: 'cut' };
      case 'silent_after':
        await forward(request);
        return { kind: 'silence' };
      case 'half_answer':
        return { kind: random() < 0.5 ? 'half' : 'short', answer: await forward(request) };
      case 'error':
        return {
          kind: 'answer',
          answer: json(pick(ERROR_STATUSES, random) ?? 500, { detail: 'Server error.' }),
        };
      case 'not_found':
        if (!isList) deniedKeys.add(request.path.split('/').at(-1) ?? '');
        return { kind: 'answer', answer: json(404, { detail: 'Not found.' }) };
      case 'not_json':
        return {
          kind: 'answer',
          answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Maintenance</h1>' },
        };
      case 'old_list':
        return { kind: 'answer', answer: pick(lists, random) ?? (await forward(request)) };
      case 'gappy_list':
        return { kind: 'answer', answer: withGaps(await forward(request), random) };
      case 'accepted_only':
        return { kind: 'answer', answer: { status: pick(ACCEPTED, random) ?? 202, headers: {}, body: '' } };
      case 'forbidden':
        return { kind: 'answer', answer: json(403, { detail: 'Forbidden.' }) };
      case 'rejected':
        return { kind: 'answer', answer: json(pick(REJECTED, random) ?? 400, { detail: 'Bad request.' }) };
      case 'renumbered_list':
      case 'doubled_list':
      case 'odd_list':
        return { kind: 'answer', answer: withOddEntries(await forward(request), fault, random) };
    }
  };

  const door = await openDoor(decide);
  return {
    url: door.url,
    counts,
    deniedKeys,
    stop: async () => {
      await door.stop();
      way.close();
    },
  };
}

/** A page of HTML with status 200 would say of a deletion that it was done: that is a lie, not a fault. */
const LIST_ONLY: ReadonlySet<PortalFault> = new Set<PortalFault>([
  ...(['old_list', 'gappy_list', 'not_json', 'renumbered_list', 'doubled_list', 'odd_list'] as const),
]);

const DELETIONS_ONLY: ReadonlySet<PortalFault> = new Set<PortalFault>([
  'accepted_only',
  'forbidden',
  'rejected',
]);
const ACCEPTED = [200, 202, 204];
const REJECTED = [400, 401, 403, 409, 422];
/** The share of entries with something odd in them: few enough for the list to be believed. */
const ODD_SHARE = 0.02;

interface Entry {
  csp_id: number;
  name?: unknown;
}

/** Gives a few entries the number of their neighbour, a second number, or a name that no table takes. */
function withOddEntries(
  answer: DoorAnswer,
  fault: 'renumbered_list' | 'doubled_list' | 'odd_list',
  random: Random,
): DoorAnswer {
  if (answer.status !== 200) return answer;
  const { results } = JSON.parse(answer.body) as { results: Entry[] };
  const odd = results.flatMap((entry, index) => {
    if (random() >= ODD_SHARE) return [entry];
    if (fault === 'odd_list') return [{ ...entry, name: '\ud83d' }];
    const other = fault === 'doubled_list' ? 900_000_000 + entry.csp_id : results[index - 1]?.csp_id;
    const renumbered = { ...entry, csp_id: other ?? entry.csp_id };
    return fault === 'doubled_list' ? [entry, renumbered] : [renumbered];
  });
  return { ...answer, body: JSON.stringify({ results: odd }) };
}

function withGaps(answer: DoorAnswer, random: Random): DoorAnswer {
  if (answer.status !== 200) return answer;
  const { results } = JSON.parse(answer.body) as { results: unknown[] };
  return { ...answer, body: JSON.stringify({ results: results.filter(() => random() >= GAP_SHARE) }) };
}

function json(status: number, body: unknown): DoorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function pick<T>(values: readonly T[], random: Random): T | undefined {
  return values[Math.floor(random() * values.length)];
}
