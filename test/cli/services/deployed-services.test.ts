import { isSteady, parseRevision, type DeployedService } from '../../../cli/services/deployed-services';

const STEADY: DeployedService = {
  name: 'api',
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
  revision: 'api:3',
  deployments: [{ isPrimary: true, revision: 'api:3', rolloutState: 'COMPLETED' }],
  events: [],
};

it('calls a service steady when all that is wanted runs, and nothing else', () => {
  expect(isSteady(STEADY)).toBe(true);
  expect(isSteady({ ...STEADY, desiredCount: 0, runningCount: 0 })).toBe(true);
  // Deployments of long ago carry no state.
  expect(isSteady({ ...STEADY, deployments: [{ isPrimary: true, revision: 'api:3' }] })).toBe(true);
});

it.each<[string, Partial<DeployedService>]>([
  ['a task is missing', { runningCount: 1 }],
  ['a task is too many', { runningCount: 3 }],
  ['a task is pending', { pendingCount: 1 }],
  [
    'an older deployment is not gone',
    { deployments: [...STEADY.deployments, { isPrimary: false, revision: 'api:2' }] },
  ],
  [
    'its roll-out is under way',
    { deployments: [{ isPrimary: true, revision: 'api:3', rolloutState: 'IN_PROGRESS' }] },
  ],
])('does not call it steady while %s', (_why, difference) => {
  expect(isSteady({ ...STEADY, ...difference })).toBe(false);
});

it('takes a revision apart', () => {
  expect(parseRevision('sandbox-broker-dev-api:12')).toEqual({
    family: 'sandbox-broker-dev-api',
    number: 12,
  });
});
