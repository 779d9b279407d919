import { element } from './dom';

type Cell = Node | string | null;

export interface TableOptions {
  /** What the table is of: read to those who cannot see where it stands. */
  caption: string;
  columns: string[];
  rows: { cells: Cell[]; class?: string }[];
  emptyText: string;
}

/**
 * A table. On a narrow screen each row becomes a block with the column's name in front of each value (console.css),
 * so every cell carries that name.
 */
export function table({ caption, columns, rows, emptyText }: TableOptions): HTMLElement {
  if (rows.length === 0) return element('p', { class: 'quiet' }, emptyText);
  return element(
    'table',
    {},
    element('caption', { class: 'unseen' }, caption),
    element(
      'thead',
      {},
      element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column))),
    ),
    element(
      'tbody',
      {},
      ...rows.map((row) =>
        element(
          'tr',
          { class: row.class },
          ...row.cells.map((cell, index) =>
            index === 0
              ? element('th', { scope: 'row', 'data-column': columns[index] }, cell)
              : element(
                  'td',
                  { 'data-column': columns[index], class: isBlank(cell) ? 'blank' : undefined },
                  element('div', {}, cell),
                ),
          ),
        ),
      ),
    ),
  );
}

/** Whether a cell says nothing: a narrow screen leaves it out. */
function isBlank(cell: Cell): boolean {
  const text = typeof cell === 'string' ? cell : (cell?.textContent ?? '');
  return text === '' || text === '–';
}
