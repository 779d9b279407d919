import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BarChart } from '../scenario';
import { markdownReport } from './markdown-report';
import type { RunRecord } from './run-record';
import { svgPlot } from './svg-plot';

/**
 * Writes JSON, SVG and Markdown into this folder, in place of those of the same name that are there: `latest.json`,
 * `latest.svg` and `latest.md`.
 *
 * @param name of the files, without the ending.
 */
export async function writeResults(
  directory: string,
  run: RunRecord,
  charts: readonly BarChart[],
  name = 'latest',
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${name}.json`), `${JSON.stringify(run, undefined, 2)}\n`);
  await writeFile(join(directory, `${name}.svg`), svgPlot(charts));
  await writeFile(join(directory, `${name}.md`), markdownReport(run, `${name}.svg`));
}
