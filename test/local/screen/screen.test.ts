import { Screen } from '../../../local/screen/screen';

/** What a person would see: the lines of a terminal, or of a file. */
function record(options: { isTTY: boolean; columns?: number }): { screen: Screen; lines: () => string[] } {
  let text = '';
  const write = (chunk: string): boolean => {
    text += chunk;
    return true;
  };
  return {
    screen: new Screen({ ...options, write: write }),
    // "Go to column 1" and "clear the line", as a terminal obeys them.
    lines: () => text.split('\n').map((line) => line.split('\u001b[1G\u001b[2K').at(-1) ?? ''),
  };
}

describe('on a terminal', () => {
  it('rewrites the status in place, below what is said', () => {
    const { screen, lines } = record({ isTTY: true });
    screen.showStatus('50 available');
    screen.showStatus('49 available');
    screen.say('api-1 ended');
    screen.showStatus('48 available');
    expect(lines()).toEqual(['api-1 ended', '48 available']);

    screen.end();
    screen.say('Stopping');
    expect(lines()).toEqual(['api-1 ended', '48 available', 'Stopping', '']);
  });

  it('cuts a status that would wrap', () => {
    const { screen, lines } = record({ isTTY: true, columns: 10 });
    screen.showStatus('0123456789');
    expect(lines()).toEqual(['012345678']);
  });
});

describe('elsewhere', () => {
  it('prints the status when it changes', () => {
    const { screen, lines } = record({ isTTY: false });
    screen.showStatus('50 available');
    screen.showStatus('50 available');
    screen.say('api-1 ended');
    screen.showStatus('49 available');
    screen.end();
    expect(lines()).toEqual(['50 available', 'api-1 ended', '49 available', '']);
  });
});
