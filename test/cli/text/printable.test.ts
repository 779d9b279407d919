import { printable } from '../../../cli/text/printable';
import { processTerminal } from '../../../cli/terminal';

const NAME = 'lab \u202egnihtyna seteled rof \u2066\u2069';

afterEach(() => {
  jest.restoreAllMocks();
});

it('leaves ordinary text as it is, in any writing, with its lines', () => {
  const text = 'Über „Größe“\n\tשלום · 東京 🚀 “ok”';

  expect(printable(text)).toBe(text);
});

it('writes out what turns text around or steers the terminal', () => {
  expect(printable(NAME)).toBe('lab \\u202egnihtyna seteled rof \\u2066\\u2069');
  expect(printable('\u001b[2Jgone\u009b1A\r\u007f')).toBe('\\u001b[2Jgone\\u009b1A\\u000d\\u007f');
});

it('changes nothing of what is read from JSON', () => {
  const value = { name: `${NAME}\\\u202a"\u0085` };
  const text = printable(JSON.stringify(value));

  expect(text).not.toMatch(/[\u202a-\u202e\u0085]/);
  expect(JSON.parse(text)).toEqual(value);
});

it('stands between everything that a command says and the terminal', () => {
  const written: unknown[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => written.push(text) > 0);
  }
  processTerminal.out(NAME);
  processTerminal.note(NAME);

  expect(written).toEqual([`${printable(NAME)}\n`, `${printable(NAME)}\n`]);
});
