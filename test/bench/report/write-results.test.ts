import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../../bench/report/run-record';
import { writeResults } from '../../../bench/report/write-results';

const scenario = (name: string, own: string): RunRecord['scenarios'][number] => ({
  name,
  title: `Title of ${name}`,
  duration_seconds: 1,
  columns: ['a | b', 'rate'],
  rows: [['x', 1_234.5]],
  notes: [own, 'Said of both.'],
  values: { [`${name}_per_second`]: 1_234.5 },
});

const RUN: RunRecord = {
  started_at: '2026-01-02T03:04:05.000Z',
  duration_seconds: 60,
  revision: 'abc123',
  options: { quick: true, only: ['one', 'two'] },
  machine: {
    cpu_count: 2,
    memory_gib: 8,
    platform: 'linux-x64',
    node_version: 'v20.19.0',
    load_average_before: 0.1,
  },
  scenarios: [scenario('one', 'Own of one.'), scenario('two', 'Own of two.')],
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-broker-bench-test-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const written = (file: string): Promise<string> => readFile(join(directory, 'deep', file), 'utf8');

describe('writeResults', () => {
  beforeEach(async () => {
    const charts = [{ title: 'Rates', axis: 'per second', bars: [{ label: 'one', value: 1 }] }];
    await writeResults(join(directory, 'deep'), RUN, charts);
  });

  it('writes the whole record as JSON', async () => {
    expect(JSON.parse(await written('latest.json'))).toEqual(RUN);
  });

  it('writes the plot', async () => {
    expect(await written('latest.svg')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('writes Markdown: what ran where, each table, and what is said of several scenarios once', async () => {
    const markdown = await written('latest.md');

    expect(markdown).toContain('A quick run');
    expect(markdown).toContain('revision `abc123`');
    expect(markdown).toContain('](latest.svg)');
    expect(markdown).toContain('## Title of two\n\n| a \\| b | rate |\n| --- | ---: |\n| x | 1,235 |\n');
    expect(markdown.match(/Said of both\./g)).toHaveLength(1);
    expect(markdown.indexOf('Said of both.')).toBeLessThan(markdown.indexOf('## Title of one'));
    expect(markdown.indexOf('Own of one.')).toBeGreaterThan(markdown.indexOf('## Title of one'));
  });
});
