import { apiCommand, type ApiRollbackOptions } from '../../../cli/api/api-command';
import { CliWorld } from '../cli-world';

const YES: ApiRollbackOptions = { isDryRun: false, isConfirmed: true, waitMinutes: 10 };
const API = 'sandbox-broker-dev-api';

it('goes back to the previous ACTIVE revision, says what comes next and how to pin it', async () => {
  const world = new CliWorld();

  expect(await apiCommand(world.context(), { ...YES, reason: 'bad release' })).toBe(0);

  expect(world.rollback.writes).toEqual([`revision ${API}:2`]);
  expect(world.terminal.output).toContain('The next deploy goes forward again.');
  expect(world.terminal.output).toContain('export TF_VAR_container_image=registry/sandbox-broker:v2');
  expect(await world.rollback.entries()).toMatchObject([
    {
      action: 'rollback_api',
      cause: { kind: 'person', name: 'arn:aws:iam::123456789012:user/alice', reason: 'bad release' },
      isFinished: true,
      steps: [
        { step: 'api_service', outcome: 'done', detail: `${API}:2 (was ${API}:3)` },
        { step: 'confirmation', outcome: 'done' },
      ],
    },
  ]);
});

it('does not go back once more when it is repeated, or after ECS has gone back by itself, and names the way', async () => {
  const world = new CliWorld();
  await apiCommand(world.context(), YES);
  world.rollback.writes.length = 0;

  expect(await apiCommand(world.context(), YES)).toBe(1);

  expect(world.rollback.writes).toEqual([]);
  expect(world.terminal.notes.at(-1)).toBe(
    `error: The API is already behind ${API}:3; name one with --to. ACTIVE and older than ${API}:2: 1.`,
  );
  expect(await apiCommand(world.context(), { ...YES, to: '1' })).toBe(0);
  expect(world.rollback.writes).toEqual([`revision ${API}:1`]);
});

it('goes back from a revision when only INACTIVE ones are newer', async () => {
  const world = new CliWorld();
  world.revisions = world.revisions.map((each) =>
    each.number === 3 ? { ...each, status: 'INACTIVE' } : each,
  );
  world.runs(`${API}:2`);

  expect(await apiCommand(world.context(), YES)).toBe(0);
  expect(world.rollback.writes).toEqual([`revision ${API}:1`]);
});

it('changes nothing when another revision came while the person was asked', async () => {
  const world = new CliWorld();
  jest.spyOn(world.terminal, 'confirm').mockImplementation(() => {
    world.runs(`${API}:1`);
    return Promise.resolve(true);
  });

  expect(await apiCommand(world.context(), { ...YES, isConfirmed: false })).toBe(1);

  expect(world.rollback.writes).toEqual([]);
  expect(world.terminal.output).toContain(
    `the API runs ${API}:1 now, no longer ${API}:3; nothing was changed`,
  );
});

it('waits for a roll-out of the wanted revision that is under way, and tells how it ended', async () => {
  const world = new CliWorld();
  world.api = { ...world.api, pendingCount: 1 };
  world.onSleep = (count) => {
    if (count === 2) world.api = { ...world.api, pendingCount: 0 };
  };
  const stuck = new CliWorld();
  stuck.api = { ...stuck.api, pendingCount: 1 };

  expect(await apiCommand(world.context(), { ...YES, to: '3' })).toBe(0);
  expect(await apiCommand(stuck.context(), { ...YES, to: '3' })).toBe(3);

  expect(world.sleptMs).toHaveLength(2);
  expect(stuck.terminal.output).toContain('not steady after 10 min');
  expect([...world.rollback.writes, ...stuck.rollback.writes]).toEqual([]);
});

it('passes over a revision that is INACTIVE', async () => {
  const world = new CliWorld();
  world.revisions = world.revisions.map((each) =>
    each.number === 2 ? { ...each, status: 'INACTIVE' } : each,
  );

  expect(await apiCommand(world.context(), YES)).toBe(0);
  expect(world.rollback.writes).toEqual([`revision ${API}:1`]);
});

it('says which alarms ECS ignores in the roll-out, because they are on already', async () => {
  const world = new CliWorld();
  world.setAlarm('api-5xx-rate-high', 'ALARM');
  world.setAlarm('pool-nearly-empty', 'ALARM');
  const quiet = new CliWorld();
  const blind = new CliWorld();
  blind.failing.set('alarms', new Error('refused'));
  const notesOf = async (each: CliWorld): Promise<string> => {
    expect(await apiCommand(each.context(), YES)).toBe(0);
    return each.terminal.notes.join('\n');
  };

  expect(await notesOf(world)).toMatch(
    /ECS ignores it in this roll-out.*: sandbox-broker-dev-api-5xx-rate-high$/m,
  );
  expect(await notesOf(quiet)).not.toContain('ignores');
  expect(await notesOf(blind)).toContain('The alarms cannot be read');
});

describe('when a deploy has registered revisions that run the same', () => {
  it('passes over them, to the newest one that runs something else, and says so', async () => {
    const world = new CliWorld();
    world.revisions = world.revisions.map((each) => (each.number === 2 ? { ...each, runs: 'v3' } : each));

    expect(await apiCommand(world.context(), { ...YES, isDryRun: true })).toBe(0);
    expect(await apiCommand(world.context(), YES)).toBe(0);

    expect(world.rollback.writes).toEqual([`revision ${API}:1`]);
    expect(world.terminal.output).toContain(`passed over, as they run the same as ${API}:3: 2`);
  });

  it('refuses when there is none that differs, and goes to one that is named', async () => {
    const world = new CliWorld();
    world.revisions = world.revisions.map((each) => ({ ...each, runs: 'v3' }));

    expect(await apiCommand(world.context(), YES)).toBe(1);
    expect(world.rollback.writes).toEqual([]);
    expect(world.terminal.notes.join()).toMatch(/going back would mend nothing\. Name one with --to/);

    expect(await apiCommand(world.context(), { ...YES, to: '2' })).toBe(0);
    expect(world.rollback.writes).toEqual([`revision ${API}:2`]);
  });
});

it.each([
  ['there is no older one', { to: undefined, from: 1 }, /There is no ACTIVE revision of .* older than .*:1/],
  ['it is INACTIVE', { to: '2', from: 3 }, /api:2 is INACTIVE: ECS starts no such revision\. .*: 1\./],
  ['it does not exist', { to: '9', from: 3 }, /There is no revision .*:9\. .*older than .*: 1\./],
  ['it is of another family', { to: 'sandbox-broker-dev-worker:1', from: 3 }, /is not of the API's family/],
])('refuses with a reason when %s', async (_why, { to, from }, expected) => {
  const world = new CliWorld();
  world.revisions = world.revisions.map((each) =>
    each.number === 2 ? { ...each, status: 'INACTIVE' } : each,
  );
  world.runs(`${API}:${from}`);

  expect(await apiCommand(world.context(), { ...YES, to })).toBe(1);

  expect(world.terminal.notes.join('\n')).toMatch(expected);
  expect(world.rollback.writes).toEqual([]);
  expect(await world.rollback.entries()).toEqual([]);
});

it('says so when the API runs that revision already', async () => {
  const world = new CliWorld();

  expect(await apiCommand(world.context(), { ...YES, to: `${API}:3` })).toBe(0);
  expect(world.rollback.writes).toEqual([]);
  expect(world.terminal.output).toContain('nothing to do');
});

it('shows both images and the choices before it asks, and does nothing after a no', async () => {
  const world = new CliWorld();
  world.terminal.answer = false;

  expect(await apiCommand(world.context({ isJson: true }), { ...YES, isConfirmed: false })).toBe(1);
  expect(world.terminal.json()).toEqual({ error: 'Nothing was changed: the answer was no.' });

  const notes = world.terminal.notes.join('\n');
  expect(notes).toContain(`from  ${API}:3  image registry/sandbox-broker:v3`);
  expect(notes).toContain(`to    ${API}:2  image registry/sandbox-broker:v2, registered 2 h ago`);
  expect(notes).toContain('other ACTIVE ones, with --to: 1');
  expect(world.rollback.writes).toEqual([]);
});

it('changes and records nothing in a dry run', async () => {
  const world = new CliWorld();

  expect(await apiCommand(world.context(), { ...YES, isDryRun: true, isConfirmed: false })).toBe(0);
  expect(world.rollback.writes).toEqual([]);
  expect(await world.rollback.entries()).toEqual([]);
  expect(world.terminal.output).toContain('image registry/sandbox-broker:v2');
});

it('waits until the new tasks run alone, over a moment without an answer', async () => {
  const world = new CliWorld();
  world.onSetRevision = (revision) => {
    world.api = {
      ...world.api,
      revision,
      pendingCount: 2,
      deployments: [
        { isPrimary: true, revision, rolloutState: 'IN_PROGRESS' },
        { isPrimary: false, revision: `${API}:3`, rolloutState: 'COMPLETED' },
      ],
    };
  };
  world.onSleep = (count) => {
    if (count === 1) world.failing.set('services', new Error('no answer'));
    if (count === 2) world.failing.delete('services');
    if (count === 4) {
      world.api = { ...world.api, pendingCount: 0 };
      world.runs(`${API}:2`);
    }
  };

  expect(await apiCommand(world.context(), YES)).toBe(0);
  expect(world.sleptMs).toHaveLength(4);
  expect(world.terminal.notes.join('\n')).toContain('2 deployments, roll-out IN_PROGRESS');
});

it('ends with 3 when ECS gives the roll-out up, and says why', async () => {
  const world = new CliWorld();
  world.onSetRevision = (revision) => {
    world.api = {
      ...world.api,
      revision,
      deployments: [
        { isPrimary: true, revision, rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start' },
      ],
    };
  };

  expect(await apiCommand(world.context(), YES)).toBe(3);
  expect(world.terminal.output).toContain('ECS gave it up: tasks failed to start');
});

it('ends with 3 when the service is put back, but not for an answer that is only old', async () => {
  const putBack = new CliWorld();
  putBack.onSetRevision = () => undefined;
  const slow = new CliWorld();
  slow.onSetRevision = () => undefined;
  slow.onSleep = (count) => {
    if (count === 2) slow.runs(`${API}:2`);
  };

  expect(await apiCommand(putBack.context(), YES)).toBe(3);
  expect(putBack.terminal.output).toContain(`${API}:3 again`);
  expect(await apiCommand(slow.context(), YES)).toBe(0);
});

it('ends with 3 when it does not become steady in time', async () => {
  const world = new CliWorld();
  world.onSetRevision = (revision) => {
    world.runs(revision);
    world.api = { ...world.api, runningCount: 1 };
  };
  const startMs = world.rollback.nowMs;

  expect(await apiCommand(world.context(), { ...YES, waitMinutes: 2 })).toBe(3);
  expect(world.rollback.nowMs - startMs).toBe(120_000);
  expect(world.terminal.output).toContain('not steady after 2 min');
});

it('records that it acted when the waiting is interrupted', async () => {
  const world = new CliWorld();
  world.onSetRevision = (revision) => {
    world.runs(revision);
    world.api = { ...world.api, runningCount: 1 };
  };
  world.onSleep = () => {
    world.ending.abort();
  };

  expect(await apiCommand(world.context(), YES)).toBe(3);
  expect(await world.rollback.entries()).toMatchObject([{ action: 'rollback_api', isFinished: true }]);
});

it('has a record before it waits, should the process be killed meanwhile', async () => {
  const world = new CliWorld();
  const recorded: Promise<unknown>[] = [];
  world.onSetRevision = (revision) => {
    world.runs(revision);
    world.api = { ...world.api, runningCount: 1 };
  };
  world.onSleep = () => {
    recorded.push(world.rollback.entries());
    world.api = { ...world.api, runningCount: 2 };
  };

  await apiCommand(world.context(), YES);

  expect(await Promise.all(recorded)).toMatchObject([[{ action: 'rollback_api', isFinished: false }]]);
});

it('does not wait with --wait-minutes 0', async () => {
  const world = new CliWorld();
  world.api = { ...world.api, runningCount: 0 };

  expect(await apiCommand(world.context(), { ...YES, waitMinutes: 0 })).toBe(0);
  expect(world.sleptMs).toEqual([]);
});

it('ends with 1 when ECS refuses, and goes on when only the record fails', async () => {
  const refused = new CliWorld();
  refused.onSetRevision = () => {
    throw new Error('refused');
  };
  const unrecorded = new CliWorld();
  unrecorded.rollback.fail(['history.save']);

  expect(await apiCommand(refused.context(), YES)).toBe(1);
  expect(await apiCommand(unrecorded.context(), YES)).toBe(3);
  expect(unrecorded.api.revision).toBe(`${API}:2`);
});

it('gives its report as JSON, a refusal too', async () => {
  const world = new CliWorld();
  const refused = new CliWorld();

  await apiCommand(world.context({ isJson: true }), YES);
  await apiCommand(refused.context({ isJson: true }), { ...YES, to: '9' });

  expect(world.terminal.json()).toMatchObject({
    action: 'rollback_api',
    exit_code: 0,
    from: { revision: `${API}:3`, image: 'registry/sandbox-broker:v3' },
    to: { revision: `${API}:2`, image: 'registry/sandbox-broker:v2' },
  });
  expect(refused.terminal.json()).toMatchObject({
    exit_code: 1,
    error: expect.stringContaining('There is no revision') as string,
  });
});
