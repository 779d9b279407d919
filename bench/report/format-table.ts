import type { Cell, ScenarioResult } from '../scenario';

/** A cell as people read it: numbers with three significant digits, or all of those before the point. */
export function formatCell(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  const digits = Math.abs(cell) >= 100 || Number.isInteger(cell) ? 0 : Math.abs(cell) >= 10 ? 1 : 2;
  const shown = Math.abs(cell) < 1 && cell !== 0 ? Number(cell.toPrecision(3)) : Number(cell.toFixed(digits));
  return shown.toLocaleString('en-US', { maximumFractionDigits: 20 });
}

/** The table as text for a terminal: columns side by side, numbers to the right. */
export function formatTable({ columns, rows }: Pick<ScenarioResult, 'columns' | 'rows'>): string {
  const lines = [columns, ...rows].map((row) => row.map(formatCell));
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const isNumeric = columns.map((_, index) => rows.some((row) => typeof row[index] === 'number'));
  return lines
    .map((line) =>
      line
        .map((text, index) =>
          isNumeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
