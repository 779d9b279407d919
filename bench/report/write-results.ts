import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BarChart } from '../scenario';
import { markdownReport } from './markdown-report';
import type { RunRecord } from './run-record';
import { svgPlot } from './svg-plot';

/** Writes `latest.json`, `latest.svg` and `latest.md` into this folder, in place of those that are there. */
export async function writeResults(
  directory: string,
  run: RunRecord,
  charts: readonly BarChart[],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'latest.json'), `${JSON.stringify(run, undefined, 2)}\n`);
  await writeFile(join(directory, 'latest.svg'), svgPlot(charts));
  await writeFile(join(directory, 'latest.md'), markdownReport(run, 'latest.svg'));
}
