import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ServiceNotFoundError } from '../../alarms/rollback/worker-service';
import { boundedAwsClient } from '../../app/aws/bounded-aws-client';
import { StoreUnavailableError } from '../../app/store/sandbox-store';
import { explainError } from '../../cli/explain-error';
import { resolveTarget } from '../../cli/target';
import { STUB_CREDENTIALS } from '../alarms/rollback/aws-stub';
import { STALLS, StallingServer } from '../aws/stalling-server';

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
  [named('RequestExpired', 'Request has expired.'), /set the clock of this machine/],
  [named('RequestTimeTooSkewed', 'The difference is too large.'), /set the clock of this machine/],
  [named('RequestInTheFuture', ''), /set the clock of this machine/],
  [
    named(
      'InvalidSignatureException',
      'Signature expired: 20261128T120000Z is now earlier than 20261128T121500Z',
    ),
    /set the clock of this machine.*Signature expired/,
  ],
  [
    named('SignatureDoesNotMatch', 'Signature not yet current: 20261128T130000Z is still later than …'),
    /set the clock of this machine/,
  ],
  [named('InvalidSignatureException', 'The signature does not match'), /does not accept these credentials/],
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
  // The SDK calls a connection that breaks off a TimeoutError, too.
  [named('TimeoutError', 'read ECONNRESET', 'ECONNRESET'), /^Cannot be reached: read ECONNRESET/],
  [named('TimeoutError', 'write EPIPE', 'EPIPE'), /^Cannot be reached/],
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

/** What the SDK really throws when it asks this endpoint. */
async function errorFrom(endpoint: string, abortSignal?: AbortSignal): Promise<unknown> {
  const client = boundedAwsClient(
    STSClient,
    { region: 'us-east-1', endpoint, credentials: STUB_CREDENTIALS },
    {
      connectionTimeoutMs: 5_000,
      requestTimeoutMs: 100,
      bodyTimeoutMs: 100,
      callTimeoutMs: 10_000,
      maxAttempts: 1,
    },
  );
  return client.send(new GetCallerIdentityCommand({}), { abortSignal }).catch((error: unknown) => error);
}

it.each(STALLS)('tells a time-out of the SDK, whose error has a code, as what it is (%s)', async (stall) => {
  const server = await StallingServer.start(stall);
  const error = await errorFrom(server.url);
  await server.stop();

  expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT' });
  expect(explainError(error, TARGET)).toBe('No answer in time.');
});

it('tells a call that was given up as a time-out, too', async () => {
  const server = await StallingServer.start('before_headers');
  const error = await errorFrom(server.url, AbortSignal.timeout(20));
  await server.stop();

  expect(explainError(error, TARGET)).toBe('No answer in time.');
});
