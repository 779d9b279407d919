import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayCommand } from '../../cli/replay-command';
import { TargetError } from '../../cli/target';
import { allocatedSandbox, availableSandbox } from '../fakes/sandbox-samples';
import { CliWorld } from './cli-world';

const FREE = availableSandbox();
const LOGGED = {
  level: 30,
  action: 'allocate',
  outcome: 'allocated',
  caller: 'ada',
  idempotency_key: 'k',
  sandbox_id: FREE.sandboxId,
  sandbox_name: FREE.name,
  external_id: FREE.externalId,
  allocated_at: 1_700_000_000,
  expires_at: 1_700_014_400,
};
const YES = { isDryRun: false, isConfirmed: true };

let world: CliWorld;
let folder: string;

beforeEach(() => {
  world = new CliWorld();
  world.rows.seed({ sandboxes: [FREE] });
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A file of these lines. */
function file(...lines: (string | object)[]): string {
  const path = join(folder, 'allocations.ndjson');
  writeFileSync(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return path;
}

it('writes a logged allocation as held until its old end, and may be repeated', async () => {
  const options = { ...YES, file: file(LOGGED, '') };

  expect(await replayCommand(world.context(), options)).toBe(0);
  expect(await replayCommand(world.context(), options)).toBe(0);

  expect(world.rows.rows.current(FREE.sandboxId)).toMatchObject({
    status: 'allocated',
    allocation: { caller: 'ada', idempotencyKey: 'k', expiresAt: 1_700_014_400 },
  });
  expect(world.terminal.output).toMatch(/1 held[^]*1 unchanged/);
});

it.each([
  ['is cut', JSON.stringify(LOGGED).slice(0, 80)],
  [
    'lacks the account, as those of an earlier release do',
    JSON.stringify({ ...LOGGED, external_id: undefined }),
  ],
  ['has a time prefixed', `2026-01-01T00:00:00 ${JSON.stringify(LOGGED)}`],
  ['is wrapped by an export', JSON.stringify({ message: JSON.stringify(LOGGED) })],
  ['is an escaped part of a document', `  "message": ${JSON.stringify(JSON.stringify(LOGGED))},`],
  ['is a list of events', JSON.stringify([LOGGED])],
])('names and counts a line that %s, by its number in the file', async (_what, line) => {
  expect(await replayCommand(world.context({ isJson: true }), { ...YES, file: file('', line, LOGGED) })).toBe(
    3,
  );

  expect(world.terminal.json()).toMatchObject({
    exit_code: 3,
    unreadable_lines: [2],
    results: [{ outcome: 'held' }],
  });
});

it('passes over lines of other events', async () => {
  const lines = [
    { level: 30, action: 'mark_for_deletion', outcome: 'marked' },
    { level: 30, action: 'allocate', outcome: 'no_sandboxes_available' },
  ];

  expect(await replayCommand(world.context(), { ...YES, file: file(...lines) })).toBe(0);
  expect(world.terminal.output).toContain('nothing');
});

it('ends as partly failed for an allocation that contradicts the table', async () => {
  const other = { ...LOGGED, external_id: 'identity/accounts/another' };

  expect(await replayCommand(world.context(), { ...YES, file: file(other) })).toBe(3);
  expect(world.terminal.output).toContain('contradicted');
});

it('changes no row that is further on', async () => {
  const held = allocatedSandbox();
  world.rows.seed({ sandboxes: [held] });

  expect(await replayCommand(world.context(), { ...YES, file: file(LOGGED) })).toBe(0);
  expect(world.rows.rows.current(FREE.sandboxId)).toEqual(held);
});

it('writes nothing in a dry run, and nothing after a no', async () => {
  const path = file(LOGGED);
  expect(await replayCommand(world.context(), { file: path, isDryRun: true, isConfirmed: false })).toBe(0);
  world.terminal.answer = false;
  expect(await replayCommand(world.context(), { file: path, isDryRun: false, isConfirmed: false })).toBe(1);

  expect(world.terminal.notes.join('\n')).toContain('1 allocations, 0 unreadable lines');
  expect(world.rows.rows.current(FREE.sandboxId)).toEqual(FREE);
});

it('stops between two allocations, and does not call that done', async () => {
  world.ending.abort();

  expect(await replayCommand(world.context(), { ...YES, file: file(LOGGED) })).toBe(3);
  expect(world.rows.rows.current(FREE.sandboxId)).toEqual(FREE);
});

it('says that a file cannot be read', async () => {
  await expect(replayCommand(world.context(), { ...YES, file: join(folder, 'none') })).rejects.toThrow(
    TargetError,
  );
});
