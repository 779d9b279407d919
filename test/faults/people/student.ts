import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../app/allocation/clock';
import { codeOf, type BrokerLine } from './broker-call';
import type { NotedCall, Notebook } from './notebook';

export interface Classroom {
  line: BrokerLine;
  notebook: Notebook;
  apiUrls: string[];
  token: string;
  random: Random;
  /** Names nobody else has. */
  nextName: () => string;
  /** Told of every answer that no caller should get. */
  onProblem: (what: string) => void;
  /** Told when a caller hears that there is no sandbox for them. */
  onEmpty: (call: { prefix: string | undefined; sentAtMs: number; endedAtMs: number }) => void;
  /** Fires when the class is over: nobody begins anything any more, and nobody waits. */
  over: AbortSignal;
  labMs: number;
}

/** A sandbox that a student was given. */
interface Given {
  sandboxId: string;
  expiresAt: number;
}

const MAX_TRIES = 12;
const RETRY_MS = 250;
/** Names of the portal's own count up from `csp-sandbox-0001`: a prefix with two digits more fits ten of them. */
const PREFIX_GROUPS = 16;

/** One place in the class: student after student takes it, each with habits of their own, until the class is over. */
export async function takePlace(room: Classroom): Promise<void> {
  while (!room.over.aborted) {
    await attend(room, room.nextName());
    await wait(room, room.random() * 300);
  }
}

/** Now and then a whole class begins in the same moment, until all is over. */
export async function startClasses(room: Classroom): Promise<void> {
  const classes: Promise<unknown>[] = [];
  while (!room.over.aborted) {
    await wait(room, 2_000 + room.random() * 4_000);
    const size = 20 + Math.floor(room.random() * 50);
    classes.push(Promise.all(Array.from({ length: size }, () => attend(room, room.nextName()))));
  }
  await Promise.all(classes);
}

async function attend(room: Classroom, caller: string): Promise<void> {
  const { random } = room;
  const keys =
    random() < 0.15 ? [`${caller}/a`, `${caller}/b`] : [random() < 0.5 ? caller : `lab #${caller}`];
  await Promise.all(keys.map((key) => work(room, caller, key)));
}

/** From the first call to giving back, or to walking off without a word. */
async function work(room: Classroom, caller: string, key: string): Promise<void> {
  const { random } = room;
  const prefix = random() < 0.35 ? somePrefix(random) : undefined;
  const first = (): Promise<Given | undefined> => allocate(room, caller, key, prefix);
  // A script that was started twice, or a client that retries too soon.
  const [given] = await Promise.all(random() < 0.15 ? [first(), first()] : [first()]);
  if (!given || room.over.aborted) return;
  await wait(room, random() * 800);
  if (random() < 0.4) await call(room, caller, key, 'get', given.sandboxId);
  if (random() < 0.3) await allocate(room, caller, key, random() < 0.5 ? prefix : undefined);

  const habit = random();
  if (habit < 0.55) {
    await giveBack(room, caller, key, given.sandboxId);
    // The same key again is a new start.
    if (random() < 0.3) await allocate(room, caller, key, undefined);
  } else if (habit < 0.7) {
    // Comes back when the time is over, or nearly: the edge is what is interesting.
    await wait(room, Math.max(0, given.expiresAt * 1_000 - Date.now()) + random() * room.labMs * 0.6);
    if (random() < 0.5) await giveBack(room, caller, key, given.sandboxId);
    else await allocate(room, caller, key, undefined);
  }
}

async function allocate(
  room: Classroom,
  caller: string,
  key: string,
  prefix: string | undefined,
): Promise<Given | undefined> {
  for (let tries = 0; tries < MAX_TRIES && !room.over.aborted; tries += 1) {
    const noted = await call(room, caller, key, 'allocate', undefined, prefix);
    if (noted.code === 'NO_SANDBOXES_AVAILABLE') room.onEmpty({ ...noted, prefix });
    if (noted.sandboxId !== undefined) return { sandboxId: noted.sandboxId, expiresAt: noted.expiresAt ?? 0 };
    // Retry-After is for a class of an hour; this one lasts half a minute.
    await wait(room, room.random() * RETRY_MS * (noted.code === 'NO_SANDBOXES_AVAILABLE' ? 4 : 1));
  }
  return undefined;
}

async function giveBack(room: Classroom, caller: string, key: string, sandboxId: string): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES && !room.over.aborted; tries += 1) {
    const { status = 0 } = await call(room, caller, key, 'mark', sandboxId);
    const isFinal = status >= 200 && status < 500 && status !== 429;
    // Some never hear enough.
    if (isFinal && room.random() < 0.9) return;
    await wait(room, room.random() * RETRY_MS);
  }
}

async function call(
  room: Classroom,
  caller: string,
  key: string,
  action: NotedCall['action'],
  sandboxId: string | undefined,
  prefix?: string,
): Promise<NotedCall> {
  const { line, notebook, token, random } = room;
  const base = `${pick(room.apiUrls, random) ?? ''}/v1`;
  const path = {
    allocate: '/allocate',
    get: `/sandboxes/${sandboxId ?? ''}`,
    mark: `/sandboxes/${sandboxId ?? ''}/mark-for-deletion`,
  };
  const sentAtMs = Date.now();
  const result = await line.call({
    method: action === 'get' ? 'GET' : 'POST',
    url: base + path[action],
    headers: {
      Authorization: `Bearer ${token}`,
      'X-Instruqt-Sandbox-ID': caller,
      ...(key === caller ? {} : { 'Idempotency-Key': key }),
      ...(prefix === undefined ? {} : { 'X-Sandbox-Name-Prefix': prefix }),
    },
    timeoutMs: random() < 0.1 ? 300 : 8_000,
  });
  const noted: NotedCall = { caller, key, action, sandboxId, sentAtMs, endedAtMs: Date.now() };
  if (result.kind === 'answer') {
    const { status, body, problem } = result;
    const isAllocated = action === 'allocate' && status < 300;
    Object.assign(noted, { status, code: codeOf(body) });
    if (isAllocated)
      Object.assign(noted, { sandboxId: String(body.sandbox_id), expiresAt: Number(body.expires_at) });
    else if (status < 300) noted.sandboxStatus = String(body.status);
    if (problem !== undefined) room.onProblem(`${action} of ${caller}: ${problem}`);
  }
  notebook.note(noted);
  return noted;
}

/** One that fits a few sandboxes, wherever in the pool they lie; or all but those few. */
function somePrefix(random: Random): string {
  if (random() < 0.5) return `csp-sandbox-0${String(Math.floor(random() * PREFIX_GROUPS)).padStart(2, '0')}`;
  return random() < 0.5 ? 'gpu-lab' : 'csp-sandbox';
}

async function wait({ over }: Classroom, durationMs: number): Promise<void> {
  await delay(durationMs, undefined, { signal: over }).catch(() => undefined);
}

function pick<T>(values: readonly T[], random: Random): T | undefined {
  return values[Math.floor(random() * values.length)];
}
