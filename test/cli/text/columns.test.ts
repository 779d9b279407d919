import { columns } from '../../../cli/text/columns';

it('makes each column as wide as its widest cell, with numbers to the right and nothing behind the last', () => {
  expect(
    columns([
      ['', 'count', 'state'],
      ['API', 12, 'fine'],
      ['worker', 1, ''],
    ]),
  ).toEqual(['          count  state', '  API        12  fine', '  worker      1']);
});
