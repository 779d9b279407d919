import type { CliContext } from '../context';
import { EXIT_CODES, type ExitCode } from '../exit-code';
import { withSnakeCaseKeys } from '../text/snake-case';
import { findingsOf } from './findings';
import { renderStatus } from './render-status';
import { isAnythingKnown, readStatus, unknownSources } from './status-report';

/** Shows how everything stands. The exit code tells whether everything could be read, not whether all is well. */
export async function statusCommand(
  context: CliContext,
  options: { isPoolCounted: boolean },
): Promise<ExitCode> {
  const report = await readStatus(context, options);
  const findings = findingsOf(report);
  context.terminal.out(
    context.isJson
      ? JSON.stringify(withSnakeCaseKeys({ ...report, findings }), null, 2)
      : renderStatus(report, findings),
  );
  if (unknownSources(report).length === 0) return EXIT_CODES.done;
  return isAnythingKnown(report) ? EXIT_CODES.partlyFailed : EXIT_CODES.failed;
}
