import * as fc from 'fast-check';
import { JOB_NAMES, type JobName } from '../../app/store/job-store';
import type { FaultShares } from './gated-ports';
import { PARTITION_EFFECTS, type PartitionEffect } from './partitions';
import { ACCOUNT_FAULTS, LIST_MOODS, type AccountFault, type ListMood } from './portal-list';
import { DAMAGE_KINDS, type DamageKind } from './stored-damage';
import { NUMBER_CHANGES, PORTAL_MOODS, type NumberChange, type PortalMood } from './world-portal';

export const CALLERS = ['ann', 'bob', 'cy'] as const;
export const KEYS = ['k1', 'k2'] as const;
/** DynamoDB tells upper from lower case. */
export const NAME_PREFIXES = ['lab-', 'LAB-', 'demo-'] as const;

/** Something that happens in a world. `choice` picks one of what there is at that moment. */
export type Action =
  | { do: 'allocate'; caller: string; key: string; namePrefix?: string }
  | { do: 'mark' | 'get'; caller: string; whose: 'own' | 'any'; choice: number }
  | { do: 'job'; job: JobName; onlyIfDue: boolean }
  | { do: 'bulk-delete'; status: 'stale' | 'deletion_failed' }
  | { do: 'retry-deletion'; choice: number }
  | { do: 'pass'; durationMs: number; isStalled: boolean }
  | { do: 'portal'; mood: PortalMood }
  | { do: 'portal list'; mood: ListMood }
  | { do: 'create' | 'rename'; namePrefix: string; choice: number }
  | { do: 'vanish' | 'come back'; choice: number }
  | { do: 'spoil'; fault: AccountFault; choice: number }
  | { do: 'change number'; change: NumberChange; choice: number }
  | { do: 'partition'; shard: number; effect: PartitionEffect | undefined }
  | { do: 'refuse row'; choice: number }
  | { do: 'damage'; kind: DamageKind; choice: number; byMs: number }
  | { do: 'look' }
  | { do: 'kill' | 'drain' }
  | { do: 'freeze'; durationMs: number }
  | { do: 'jump'; byMs: number };

/** An action at one of two processes, and how many calls get through before the next. */
export type Command = Action & { process: 0 | 1; steps: number; seed: number };

/**
 * What a sandbox is at the beginning. `new`: an account that the table does not know. `gone`: available, without an
 * account. `ending`: allocated, with little time left.
 */
export const INITIAL_STATES = [
  ...(['available', 'available', 'available', 'allocated', 'ending', 'pending_deletion'] as const),
  ...(['deletion_unconfirmed', 'deletion_failed', 'stale', 'new', 'gone'] as const),
];
export type InitialState = (typeof INITIAL_STATES)[number];

/**
 * What the table is to the portal at the beginning. `lost`: it is empty, though the portal's accounts are in use: it was
 * made anew, or is that of a second environment.
 */
export const TABLE_STATES = ['usual', 'lost'] as const;
export type TableState = (typeof TABLE_STATES)[number];

/** A world's weather, and what happens in it. It says everything: run twice, it goes the same way twice. */
export interface Program {
  seed: number;
  pool: InitialState[];
  table: TableState;
  /** False: the release before has left the rows without the guards of their accounts. */
  hasGuards: boolean;
  maxIndexLagMs: number;
  maxPageSize: number;
  faults: FaultShares;
  /** How far off the two processes' clocks are. */
  skewsMs: [number, number];
  commands: Command[];
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Those of all sandboxes in a world (world-portal.ts). */
const SHARDS = [2, 5] as const;

const choice = fc.nat({ max: 30 });
const namePrefix = fc.constantFrom(...NAME_PREFIXES);

const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('allocate' as const),
      caller: fc.constantFrom(...CALLERS),
      key: fc.constantFrom(...KEYS),
      namePrefix: fc.option(namePrefix, { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom('mark' as const, 'mark' as const, 'mark' as const, 'get' as const),
      caller: fc.constantFrom(...CALLERS),
      whose: fc.constantFrom('own' as const, 'own' as const, 'own' as const, 'any' as const),
      choice,
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('job' as const),
      job: fc.constantFrom(
        ...JOB_NAMES,
        'sync' as const,
        'sync' as const,
        'cleanup' as const,
        'cleanup' as const,
      ),
      onlyIfDue: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('bulk-delete' as const),
      status: fc.constantFrom('stale' as const, 'deletion_failed' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retry-deletion' as const), choice }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      durationMs: fc.constantFrom(
        ...[50, 300, 1_100, 2_500, 20 * SECOND, 70 * SECOND, 400 * SECOND],
        ...[HOUR, 4 * HOUR, 5 * HOUR, DAY, 8 * DAY],
      ),
      isStalled: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('portal' as const), mood: fc.constantFrom(...PORTAL_MOODS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('portal list' as const), mood: fc.constantFrom(...LIST_MOODS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('spoil' as const),
      fault: fc.constantFrom(...ACCOUNT_FAULTS),
      choice,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('change number' as const),
      change: fc.constantFrom(...NUMBER_CHANGES),
      choice,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('partition' as const),
      shard: fc.constantFrom(...SHARDS),
      effect: fc.constantFrom(...PARTITION_EFFECTS, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse row' as const), choice }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('damage' as const),
      kind: fc.constantFrom(...DAMAGE_KINDS),
      choice,
      byMs: fc.constantFrom(YEAR, -YEAR),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('create' as const, 'rename' as const), namePrefix, choice }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('vanish' as const, 'come back' as const), choice }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'kill' as const, 'drain' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('freeze' as const),
      durationMs: fc.constantFrom(SECOND, 30 * SECOND, 90 * SECOND, 300 * SECOND),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      byMs: fc.constantFrom(
        ...[-YEAR, -2 * HOUR, -90 * SECOND, -2 * SECOND, 2 * SECOND, 90 * SECOND, 2 * HOUR, YEAR],
      ),
    }),
  },
);

const command: fc.Arbitrary<Command> = fc
  .tuple(
    actions,
    fc.constantFrom(0 as const, 1 as const),
    fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 60 }), fc.nat({ max: 400 })),
    fc.nat({ max: 0xffff }),
  )
  .map(([action, process, steps, seed]) => ({ ...action, process, steps, seed }));

const CALM: FaultShares = { refused: 0, unavailable: 0, lost: 0 };

const skew = fc.constantFrom(...[0, 0, 0, 0, 0, 0, -SECOND, SECOND, -40 * SECOND, 40 * SECOND, -YEAR, YEAR]);

/** All programs of up to so many commands. */
export function programs(maxCommandCount: number): fc.Arbitrary<Program> {
  return fc
    .record({
      seed: fc.nat({ max: 0xffff }),
      pool: fc.array(fc.constantFrom(...INITIAL_STATES), { maxLength: 6, size: 'max' }),
      table: fc.constantFrom<TableState>(...Array<TableState>(15).fill('usual'), 'lost'),
      hasGuards: fc.constantFrom(true, true, false),
      maxIndexLagMs: fc.constantFrom(0, 0, 2_000),
      maxPageSize: fc.constantFrom(100, 1, 2),
      faults: fc.constantFrom<FaultShares>(
        CALM,
        { refused: 0.1, unavailable: 0.01, lost: 0.05 },
        { refused: 0.05, unavailable: 0.01, lost: 0.2 },
      ),
      skewsMs: fc.tuple(skew, skew),
      commands: fc.array(command, { minLength: 1, maxLength: maxCommandCount, size: 'max' }),
    })
    .map((program) => ({ ...program, [fc.toStringMethod]: () => describeProgram(program) }));
}

/** A program in words, one line a command. */
export function describeProgram(program: Program): string {
  const { commands, ...world } = program;
  return [
    JSON.stringify(world),
    ...commands.map((each, index) => `${index + 1}. ${describeCommand(each)}`),
  ].join('\n');
}

/** A command in words. */
export function describeCommand({ process, steps, do: verb, ...rest }: Command): string {
  const details = Object.entries(rest)
    .filter(([name, value]) => name !== 'seed' && value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`);
  return [`at P${process + 1}:`, verb, ...details, `(then ${steps} steps)`].join(' ');
}
