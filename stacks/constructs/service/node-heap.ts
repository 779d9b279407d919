import { Fn, Op, Token } from 'cdktf';

/**
 * The old space in a task's memory, both in MiB: tenths of the memory, less what is not old space. Measured in November
 * 2026 with both bundles, Node.js 24.21.0 and a leak of small objects, up to the abort with exit code 134:
 *
 * | task | old space | anonymous memory | resident |
 * | ---: | --------: | ---------------: | -------: |
 * |  512 |       400 |       430 (84 %) | 481 (94 %) |
 * | 1024 |       861 |       894 (87 %) | 949 (93 %) |
 *
 * What ECS reports lies between the last two columns, as it leaves out cached pages of files, such as those of Node.js
 * itself. So the alarms at 80 % come first, whichever it is, and the kernel's killer at 100 % does not; the process of a
 * health check adds some 10 MiB of its own.
 */
const TENTHS_OF_MEMORY = 9;
const BESIDE_OLD_SPACE_MIB = 60;

/** Of each half of the young space; V8 has three of them. Fixed, because V8 chooses it by the machine's memory. */
const SEMI_SPACE_MIB = 16;

/**
 * `NODE_OPTIONS` of a process that has a task of this size (MiB, a number or Terraform's token) to itself. Left to
 * itself V8 ends at about half of the memory, 259 MiB of 512: a leak would abort the process at two thirds of the memory,
 * and never reach the alarm at 80 %.
 */
export function nodeOptions(memoryMib: string): string {
  const oldSpace = Op.sub(Fn.floor(Op.div(Op.mul(memoryMib, TENTHS_OF_MEMORY), 10)), BESIDE_OLD_SPACE_MIB);
  return `--max-old-space-size=${Token.asString(oldSpace)} --max-semi-space-size=${SEMI_SPACE_MIB}`;
}
