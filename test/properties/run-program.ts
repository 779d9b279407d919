import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { obey } from './obey';
import { PoolWorld, type NewWorldTable } from './pool-world';
import { describeCommand, type Program } from './program';
import { seeItEndWell } from './see-it-end-well';
import type { Plant } from './world-member';

/**
 * Runs a program in a world of its own, then lets the weather clear up and sees to it that the world comes to the end
 * that it should. Throws the first {@link Violation}, with the story that led to it.
 *
 * @returns how often what has happened.
 */
export async function runProgram(
  program: Program,
  newTable: NewWorldTable,
  plant?: Plant,
): Promise<ReadonlyMap<string, number>> {
  const world = await PoolWorld.create(program, newTable, plant);
  const uninstall = world.time.install();
  try {
    if (!program.hasGuards) await guardTable(world);
    for (const command of program.commands) {
      world.restartChance(command.seed);
      world.ledger.tell(describeCommand(command));
      await obey(world, command);
      await world.steps(command.steps);
      if (world.table.isCheapToRead) await world.checkTable();
    }
    await world.settle();
    await world.checkTable();
    await seeItEndWell(world);
    return world.ledger.eventCounts;
  } catch (error) {
    throw withStory(error, world.ledger.story);
  } finally {
    uninstall();
  }
}

/** As `initialise` does, which every table of an earlier release needs before anything is added to it. */
async function guardTable(world: PoolWorld): Promise<void> {
  const [member] = world.members;
  let isDone = false;
  while (!isDone) {
    isDone = await world.calmly(member, () =>
      member.services.guardTable().catch((error: unknown) => {
        if (error instanceof StoreUnavailableError) return false;
        throw error;
      }),
    );
  }
}

const MAX_STORY_LINES = 80;

function withStory(error: unknown, story: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const lines = story.slice(-MAX_STORY_LINES).map((line) => `  ${line}`);
  error.message = [error.message, 'What happened:', ...lines].join('\n');
  return error;
}
