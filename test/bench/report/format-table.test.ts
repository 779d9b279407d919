import { formatCell, formatTable } from '../../../bench/report/format-table';

describe('formatCell', () => {
  it.each([
    [1_234.56, '1,235'],
    [123.4, '123'],
    [12.34, '12.3'],
    [1.234, '1.23'],
    [0.03456, '0.0346'],
    [0, '0'],
    [100_000, '100,000'],
    [42, '42'],
    ['as it is', 'as it is'],
  ])('shows %p as %p', (cell, shown) => {
    expect(formatCell(cell)).toBe(shown);
  });
});

describe('formatTable', () => {
  it('puts numbers to the right and text to the left', () => {
    const table = formatTable({
      columns: ['what', 'rate (1/s)'],
      rows: [
        ['limit', 1_000],
        ['a longer name', 7],
      ],
    });

    expect(table.split('\n')).toEqual([
      'what           rate (1/s)',
      'limit               1,000',
      'a longer name           7',
    ]);
  });
});
