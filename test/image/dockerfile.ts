import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Cmd,
  Copy,
  DockerfileParser,
  Env,
  From,
  type Instruction,
  type PropertyInstruction,
} from 'dockerfile-ast';

export const ROOT = join(__dirname, '../..');

/** One stage of our Dockerfile: an image to start from, and what is done to it. */
export interface Stage {
  name: string | undefined;
  baseImage: string;
  platform: string | undefined;
  instructions: Instruction[];
}

/** The stages of our Dockerfile, in order; the last one is the image. */
export function dockerfileStages(): Stage[] {
  const stages: Stage[] = [];
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const stage = stages.at(-1);
    if (instruction instanceof From) {
      stages.push({
        name: instruction.getBuildStage() ?? undefined,
        baseImage: instruction.getImage() ?? '',
        platform: instruction.getPlatformFlag()?.getValue() ?? undefined,
        instructions: [],
      });
    } else if (stage === undefined) {
      throw new Error(`${instruction.getKeyword()} stands before the first FROM`);
    } else {
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

/** The last stage: what is shipped. */
export function finalStage(): Stage {
  const stage = dockerfileStages().at(-1);
  if (stage === undefined) throw new Error('the Dockerfile has no stage');
  return stage;
}

/** The words after an instruction, without its flags. */
export function wordsOf(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

/** What a COPY takes, from which stage (`undefined`: from the repository), and where to. */
export function copyOf(instruction: Copy): { from: string | undefined; sources: string[]; target: string } {
  const words = wordsOf(instruction);
  return {
    from: instruction.getFromFlag()?.getValue() ?? undefined,
    sources: words.slice(0, -1),
    target: words.at(-1) ?? '',
  };
}

/** Names and values of the ENV or LABEL instructions. */
export function propertiesOf(
  stage: Stage,
  type: new (...args: never[]) => PropertyInstruction,
): Record<string, string> {
  return Object.fromEntries(
    stage.instructions
      .filter((instruction) => instruction instanceof type)
      .flatMap((instruction) => instruction.getProperties())
      .map((property) => [property.getName(), property.getValue() ?? '']),
  );
}

/** The variables that the image sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  return propertiesOf(stage, Env);
}

/** The words of the only instruction with that keyword; a stage that repeats it fails. */
export function onlyWordsOf(stage: Stage, keyword: string): string[] {
  const found = stage.instructions.filter((instruction) => instruction.getKeyword() === keyword);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`the stage has ${found.length} ${keyword} instructions`);
  }
  const [instruction] = found;
  return instruction instanceof Cmd
    ? instruction.getJSONStrings().map((word) => word.getJSONValue())
    : wordsOf(instruction);
}
