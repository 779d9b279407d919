import { execFile } from 'node:child_process';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Cell, ScenarioResult } from '../scenario';

/** What the figures were measured on; nothing that names the machine. */
export interface Machine {
  cpu_count: number;
  memory_gib: number;
  platform: string;
  node_version: string;
  /** Over the minute before the run: well above zero, somebody else was using the machine. */
  load_average_before: number;
}

/** One whole run, as it is written to JSON. */
export interface RunRecord {
  started_at: string;
  duration_seconds: number;
  /** The commit, with `-dirty` when the tree was changed; `unknown` without git. */
  revision: string;
  options: { quick: boolean; only: string[]; compare?: string };
  machine: Machine;
  scenarios: ScenarioRecord[];
}

/** One scenario of it. */
export interface ScenarioRecord {
  name: string;
  title: string;
  duration_seconds: number;
  columns: string[];
  rows: Cell[][];
  notes: string[];
  values: Record<string, number>;
}

export function describeMachine(): Machine {
  return {
    cpu_count: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node_version: process.version,
    load_average_before: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** What is measured: the commit of the tree in this folder. */
export async function readRevision(directory: string): Promise<string> {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
    return (await promisify(execFile)('git', args, { cwd: directory })).stdout.trim();
  } catch {
    return 'unknown';
  }
}

/**
 * One scenario's part of the record.
 *
 * @throws Error when a row does not fit the columns, or a figure is no number: a hole in the results is a bug of ours.
 */
export function scenarioRecord(
  { name, title }: { name: string; title: string },
  { columns, rows, notes, values }: ScenarioResult,
  durationMs: number,
): ScenarioRecord {
  const uneven = rows.find((row) => row.length !== columns.length);
  if (uneven) throw new Error(`${name}: a row has ${uneven.length} cells, not ${columns.length}`);
  const figures = [
    ...Object.entries(values),
    ...rows.flatMap((row) => row.map((cell, index): [string, Cell] => [columns[index] ?? '', cell])),
  ];
  const wrong = figures.find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
  if (wrong) throw new Error(`${name}: ${wrong[0]} is ${wrong[1]}`);
  const duration_seconds = Number((durationMs / 1_000).toFixed(1));
  return { name, title, duration_seconds, columns, rows, notes, values };
}
