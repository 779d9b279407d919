import { withSnakeCaseKeys } from '../../../cli/text/snake-case';

it('writes keys in snake_case at every depth, and leaves values alone', () => {
  expect(
    withSnakeCaseKeys({ atMs: 1, jobs: [{ lastRun: null, job: 'autoExpiry' }], reason: undefined }),
  ).toEqual({
    at_ms: 1,
    jobs: [{ last_run: null, job: 'autoExpiry' }],
    reason: undefined,
  });
});
