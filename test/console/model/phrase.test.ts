import { ApiError } from '../../../app/console/model/api-error';
import { inARow, phrase, plainText } from '../../../app/console/model/phrase';

it('keeps what others wrote apart from our own words', () => {
  const why = phrase` (${'a reason'})`;

  expect(phrase`Stopped by ${'Ann'}${why}, ${3} times.`).toEqual([
    'Stopped by ',
    { foreign: 'Ann' },
    '',
    ' (',
    { foreign: 'a reason' },
    ')',
    ', ',
    { foreign: '3' },
    ' times.',
  ]);
});

it('keeps each name of several apart', () => {
  expect(inARow(['a', 'b'])).toEqual([{ foreign: 'a' }, ', ', { foreign: 'b' }]);
});

it('is a text without any character that turns others around', () => {
  const all = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069';

  expect(plainText(phrase`Is ${`lab ${all}שלום`} gone?`)).toBe(`Is lab ${'\ufffd'.repeat(9)}שלום gone?`);
});

it('is how a refusal is told: its message is the API’s, the rest is ours', () => {
  const error = new ApiError('refused', 'Slow down', { retryAfterSeconds: 3, requestId: 'r-1' });

  expect(plainText(error.inWords)).toBe('Slow down. Try again in 3 s. (request r-1)');
  expect(error.inWords).toContainEqual({ foreign: 'Slow down.' });
});
