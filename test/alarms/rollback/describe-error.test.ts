import { describeError } from '../../../alarms/rollback/describe-error';
import { StoreUnavailableError } from '../../../app/store/sandbox-store';

it('tells what lies behind an error, to the bottom', () => {
  const error = new Error('top', { cause: new TypeError('middle', { cause: 'bottom' }) });

  expect(describeError(error)).toBe('Error: top (TypeError: middle (bottom))');
});

it('tells a cause once that the error itself quotes, and what lies behind that', () => {
  const cause = new TypeError('no route', { cause: new Error('cable') });

  expect(describeError(new StoreUnavailableError('getControl', { cause }))).toBe(
    'StoreUnavailableError: The sandbox table did not answer getControl (TypeError: no route) (Error: cable)',
  );
  expect(describeError(new StoreUnavailableError('x', { cause: new Error('once') }))).toBe(
    'StoreUnavailableError: The sandbox table did not answer x (Error: once)',
  );
});

it('ends for an error that is its own cause', () => {
  const error = new Error('round');
  error.cause = error;

  expect(describeError(error)).toBe('Error: round');
});
