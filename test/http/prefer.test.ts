import { waitPreference } from '../../app/routes/prefer';

const MAX_MS = 12_000;

it.each<[string | undefined, number, boolean]>([
  [undefined, MAX_MS, false],
  ['', MAX_MS, false],
  ['respond-async', 0, true],
  ['Respond-Async', 0, true],
  ['respond-async, wait=5', 5_000, true],
  ['wait=5, respond-async', 5_000, true],
  [' respond-async ; foo=bar , wait = "5" ', 5_000, true],
  ['wait=5', 5_000, false],
  ['wait=0', 0, false],
  ['wait=5, wait=1', 5_000, false],
  ['wait=999999', MAX_MS, false],
  ['return=minimal', MAX_MS, false],
  ['wait', MAX_MS, false],
  ['wait=-1', MAX_MS, false],
  ['wait=1e3', MAX_MS, false],
  ['respond-asynchronously', MAX_MS, false],
  [',,=,;;"', MAX_MS, false],
])('%j waits %i ms', (header, waitMs, isAsync) => {
  expect(waitPreference(header, MAX_MS)).toEqual({ waitMs, isAsync });
});
