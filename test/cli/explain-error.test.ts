import { ServiceNotFoundError } from '../../alarms/rollback/worker-service';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { explainError } from '../../cli/explain-error';
import { resolveTarget } from '../../cli/target';

const TARGET = resolveTarget({ env: 'dev' }, {}, '/no/such/file');

function named(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, code });
}

it.each([
  [
    named('CredentialsProviderError', 'Could not load credentials'),
    /^No AWS credentials were found: sign in/,
  ],
  [named('CredentialsProviderError', 'The SSO session token has expired'), /have expired: sign in/],
  [named('ExpiredTokenException', 'The security token included in the request is expired'), /have expired/],
  [named('ExpiredToken', ''), /have expired/],
  [
    named('UnrecognizedClientException', 'The security token is invalid'),
    /does not accept these credentials/,
  ],
  [named('InvalidClientTokenId', 'invalid'), /does not accept these credentials/],
  [
    named('AccessDeniedException', 'User x is not authorized to y'),
    /may not do that: User x is not authorized to y/,
  ],
  [named('ClusterNotFoundException', 'Cluster not found.'), /Cluster not found\..*us-east-1.*--cluster/],
  [new ServiceNotFoundError('no active service x'), /^No active service x; looked in us-east-1.*--env/],
  [
    named('ResourceNotFoundException', 'Requested resource not found'),
    /no table SandboxPool-dev in us-east-1/,
  ],
  [named('ParameterNotFound', ''), /no parameter \/sandbox-broker\/dev\/worker\/desired-count in us-east-1/],
  [named('Error', 'getaddrinfo ENOTFOUND ecs', 'ENOTFOUND'), /^Cannot be reached/],
  [named('TimeoutError', 'x'), /^No answer in time/],
  [named('ThrottlingException', 'Rate exceeded'), /ThrottlingException: Rate exceeded/],
])('says what to do about %s', (error, expected) => {
  expect(explainError(error, TARGET)).toMatch(expected);
});

it('looks for what AWS said behind what the store made of it', () => {
  const error = new StoreUnavailableError('getControl', { cause: named('ExpiredToken', 'is expired') });

  expect(explainError(error, TARGET)).toMatch(/have expired/);
});

it('makes words of what is no error', () => {
  expect(explainError('boom', TARGET)).toContain('boom');
});
