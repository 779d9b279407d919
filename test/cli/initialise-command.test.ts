import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { initialiseCommand, type InitialiseOptions } from '../../cli/initialise-command';
import { runCommand } from '../../cli/run-command';
import { PORTAL_URL } from '../fakes/fake-portal-bindings';
import { deletedSandbox, staleSandbox } from '../fakes/sandbox-samples';
import { CliWorld } from './cli-world';

const YES: InitialiseOptions = { portal: PORTAL_URL, isDryRun: false, isConfirmed: true };
const OTHER = 'https://other.example.com';

let world: CliWorld;

beforeEach(() => {
  world = new CliWorld();
});

/** A table that is bound to a portal already. */
function bind(portal: string, tableId = world.bindings.tableId): void {
  world.bindings.binding = { portal, initialisedAt: 1, initialisedBy: 'eve', tableId };
}

it('binds a table that was never initialised, and records who did it, when and in which table', async () => {
  expect(await initialiseCommand(world.context(), YES)).toBe(0);

  expect(world.bindings.binding).toEqual({
    portal: PORTAL_URL,
    initialisedAt: Math.floor(world.rollback.nowMs / 1000),
    initialisedBy: 'arn:aws:iam::123456789012:user/alice',
    tableId: 'table-1',
  });
  expect(world.terminal.output).toContain(`bound to ${PORTAL_URL}`);
});

it('binds a restored table anew', async () => {
  bind(PORTAL_URL, 'the table it was copied from');

  expect(await initialiseCommand(world.context(), YES)).toBe(0);

  expect(world.bindings.binding?.tableId).toBe('table-1');
});

it('guards the account of each row first, and names the rows that have none', async () => {
  const row = deletedSandbox();
  world.rows.seed(
    { sandboxes: [row, staleSandbox({ sandboxId: 'odd', externalId: '' })] },
    { unguarded: true },
  );

  expect(await initialiseCommand(world.context(), YES)).toBe(0);

  expect(await world.inventory.accountHolder(row.externalId)).toBe(row.sandboxId);
  expect(world.terminal.notes.join('\n')).toContain('odd');
});

it('binds nothing while the table does not let a row be guarded', async () => {
  world.rows.seed({ sandboxes: [deletedSandbox()] }, { unguarded: true });
  world.inventory.before = (operation) => {
    if (operation === 'guardAccount')
      throw new StoreUnavailableError('guardAccount', { cause: new Error('injected') });
  };

  expect(await initialiseCommand(world.context(), YES)).toBe(1);

  expect(world.bindings.binding).toBeUndefined();
  expect(world.terminal.output).toContain('repeat it');
});

it('changes nothing in a table that is bound to the same portal', async () => {
  bind(PORTAL_URL);

  expect(await initialiseCommand(world.context(), { ...YES, isConfirmed: false })).toBe(0);

  expect(world.bindings.binding).toMatchObject({ initialisedBy: 'eve' });
  expect(world.terminal.questions).toEqual([]);
});

it.each([undefined, 'https://third.example.com'])(
  'refuses the table of another portal when it is told to replace %s',
  async (replaces) => {
    bind(OTHER);

    expect(await initialiseCommand(world.context(), { ...YES, replaces })).toBe(1);

    expect(world.bindings.binding?.portal).toBe(OTHER);
    expect(world.terminal.output).toContain(`--replaces ${OTHER}`);
  },
);

it('replaces the portal that is named', async () => {
  bind(OTHER);

  expect(await initialiseCommand(world.context(), { ...YES, replaces: OTHER })).toBe(0);

  expect(world.bindings.binding?.portal).toBe(PORTAL_URL);
});

it('binds nothing in a dry run, and asks nobody', async () => {
  expect(await initialiseCommand(world.context(), { ...YES, isDryRun: true, isConfirmed: false })).toBe(0);

  expect(world.bindings.binding).toBeUndefined();
  expect(world.terminal.output).toContain('would bind');
  expect(world.terminal.questions).toEqual([]);
});

it('says what follows before it asks, and binds nothing after a no', async () => {
  world.terminal.answer = false;

  expect(await initialiseCommand(world.context(), { ...YES, isConfirmed: false })).toBe(1);

  expect(world.terminal.notes.join('\n')).toMatch(/adds every account.*restore-the-table\.md/);
  expect(world.bindings.binding).toBeUndefined();
});

it('does not bind where somebody else did so meanwhile', async () => {
  world.bindings.bind = () => Promise.resolve(false);

  expect(await initialiseCommand(world.context(), YES)).toBe(1);
  expect(world.terminal.output).toContain('repeat the command');
});

it('gives its result as JSON', async () => {
  await initialiseCommand(world.context({ isJson: true }), YES);

  expect(world.terminal.json()).toMatchObject({ exit_code: 0, outcome: 'bound' });
});

it('refuses when nobody is there to ask', async () => {
  world.terminal.isInteractive = false;
  const global = { isJson: false, isVerbose: false };
  const options = { ...YES, isConfirmed: false };

  await expect(runCommand(world.context(), { global, command: 'initialise', options })).rejects.toThrow(
    '--yes',
  );
  expect(world.bindings.binding).toBeUndefined();
});
