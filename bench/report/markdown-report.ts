import type { Cell } from '../scenario';
import { formatCell } from './format-table';
import type { RunRecord, ScenarioRecord } from './run-record';

/** The run as Markdown, with the plot beside it. */
export function markdownReport(run: RunRecord, plotFile: string): string {
  const { machine } = run;
  const shared = sharedNotes(run.scenarios);
  const mode = run.options.quick ? 'A quick run: its figures are rough.' : 'A full run.';
  const { compare } = run.options;
  const compared = compare === undefined ? '' : `, compared with revision \`${compare}\``;
  return [
    '# Benchmark results',
    `${mode} Made by \`npm run bench\` at revision \`${run.revision}\`${compared}, ${run.started_at}, in ` +
      `${Math.round(run.duration_seconds)} s, on ${machine.cpu_count} processors with ${machine.memory_gib} GiB ` +
      `(${machine.platform}, Node.js ${machine.node_version}; load average before the run: ` +
      `${machine.load_average_before}). Everything runs on this one machine: engine, API processes and clients.`,
    `![The main figures](${plotFile})`,
    ...(shared.length > 0 ? ['## How it is measured', bullets(shared)] : []),
    ...run.scenarios.map((scenario) => section(scenario, shared)),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/** What is said of more than one scenario is said once. */
function sharedNotes(scenarios: readonly ScenarioRecord[]): string[] {
  const all = scenarios.flatMap(({ notes }) => [...new Set(notes)]);
  return [...new Set(all.filter((note, index) => all.indexOf(note) !== index))];
}

function section({ title, columns, rows, notes }: ScenarioRecord, shared: readonly string[]): string {
  const isNumeric = columns.map((_, index) => rows.some((row) => typeof row[index] === 'number'));
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const table = [
    line(columns.map(escapeCell)),
    line(isNumeric.map((numeric) => (numeric ? '---:' : '---'))),
    ...rows.map((row) => line(row.map((cell: Cell) => escapeCell(formatCell(cell))))),
  ];
  const own = notes.filter((note) => !shared.includes(note));
  const parts = [`## ${title}`, table.join('\n'), ...(own.length > 0 ? [bullets(own)] : [])];
  return parts.join('\n\n');
}

function bullets(notes: readonly string[]): string {
  return notes.map((note) => `- ${note}`).join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ');
}
