import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  DynamoDBServiceException,
} from '@aws-sdk/client-dynamodb';
import {
  accessFaultOf,
  cancellationReasons,
  reasonKind,
  toStoreError,
  writeOutcome,
} from '../../app/store/dynamo-errors';
import { RowRefusedError, StoreUnavailableError } from '../../app/store/sandbox-store';

const ABOUT = { message: 'as DynamoDB says', $metadata: {} };

function cancelled(...codes: (string | undefined)[]): TransactionCanceledException {
  return new TransactionCanceledException({ ...ABOUT, CancellationReasons: codes.map((Code) => ({ Code })) });
}

function clientFault(name: string): DynamoDBServiceException {
  return new DynamoDBServiceException({ ...ABOUT, name, $fault: 'client' });
}

/** What the SDK throws when nobody answers. */
const NO_ANSWER: [string, Error][] = [
  ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ['a request timeout', Object.assign(new Error('socket timed out'), { name: 'TimeoutError' })],
  ['a call given up', Object.assign(new Error('Request aborted'), { name: 'AbortError' })],
  ['an internal error of DynamoDB', new InternalServerError(ABOUT)],
];

const NOT_MENDED_BY_WAITING: [string, Error][] = [
  ['a malformed request', clientFault('ValidationException')],
  ['a request that cannot be parsed', clientFault('SerializationException')],
  ['an item collection that is too large', clientFault('ItemCollectionSizeLimitExceededException')],
  ['a token used for two requests', clientFault('IdempotentParameterMismatchException')],
];

function withStatus(httpStatusCode: number): DynamoDBServiceException {
  const about = { ...ABOUT, $metadata: { httpStatusCode } };
  return new DynamoDBServiceException({ ...about, name: 'Unknown', $fault: 'client' });
}

/** What DynamoDB, or the SDK's credentials providers, say when this process has no valid identity. */
const ACCESS_DENIED: [string, Error][] = [
  ...[
    'AccessDeniedException',
    'ExpiredTokenException',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'NotAuthorized',
    'OptInRequired',
    'RequestExpired',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ].map((name): [string, Error] => [name, clientFault(name)]),
  [
    'credentials that cannot be loaded',
    Object.assign(new Error('none'), { name: 'CredentialsProviderError' }),
  ],
  ['an SSO token that has expired', Object.assign(new Error('none'), { name: 'TokenProviderError' })],
  ['an unknown error with status 401', withStatus(401)],
  ['an unknown error with status 403', withStatus(403)],
  ['a part of a transaction that is denied', cancelled('None', 'AccessDenied')],
  ['a part of a transaction that is denied, by the longer name', cancelled('AccessDeniedException', 'None')],
];

const TABLE_INACCESSIBLE: [string, Error][] = [
  ['a missing table', new ResourceNotFoundException(ABOUT)],
  ...[
    'TableNotFoundException',
    'KMSAccessDeniedException',
    'KMSDisabledException',
    'KMSInvalidStateException',
    'KMSNotFoundException',
    'InaccessibleEncryptionDateTimeException',
  ].map((name): [string, Error] => [name, clientFault(name)]),
  ['a part of a transaction on a missing table', cancelled('ResourceNotFound', 'None')],
];

describe('cancellationReasons', () => {
  it('are those of a cancelled transaction, in order', () => {
    expect(cancellationReasons(cancelled('None', 'ThrottlingError'))).toEqual([
      { Code: 'None' },
      { Code: 'ThrottlingError' },
    ]);
    expect(cancellationReasons(new TransactionCanceledException(ABOUT))).toEqual([]);
  });

  it('are none of another error', () => {
    expect(cancellationReasons(new ConditionalCheckFailedException(ABOUT))).toBeUndefined();
    expect(cancellationReasons('thrown text')).toBeUndefined();
  });
});

describe('reasonKind', () => {
  it.each([
    ['None', 'none'],
    ['ConditionalCheckFailed', 'condition'],
    ['TransactionConflict', 'conflict'],
    ['ProvisionedThroughputExceeded', 'throttled'],
    ['ThrottlingError', 'throttled'],
    ['ValidationError', 'other'],
    ['ItemCollectionSizeLimitExceeded', 'other'],
  ])('of %s is %s', (Code, kind) => {
    expect(reasonKind({ Code })).toBe(kind);
  });

  it('of no reason is none', () => {
    expect(reasonKind(undefined)).toBe('none');
    expect(reasonKind({})).toBe('none');
  });
});

describe('writeOutcome', () => {
  it.each<[string, Error, string]>([
    ['a failed condition', new ConditionalCheckFailedException(ABOUT), 'changed'],
    ['a failed condition in a transaction', cancelled('None', 'ConditionalCheckFailed'), 'changed'],
    [
      'a failed condition beside a conflict',
      cancelled('TransactionConflict', 'ConditionalCheckFailed'),
      'changed',
    ],
    ['a conflict in a transaction', cancelled('TransactionConflict', 'None'), 'conflict'],
    ['a conflict beside throttling', cancelled('ThrottlingError', 'TransactionConflict'), 'conflict'],
    ['a conflict with a transaction', new TransactionConflictException(ABOUT), 'conflict'],
    ['the same transaction still at work', new TransactionInProgressException(ABOUT), 'conflict'],
    ['throttling in a transaction', cancelled('None', 'ThrottlingError'), 'throttled'],
    ['throttling by throughput', new ProvisionedThroughputExceededException(ABOUT), 'throttled'],
    ['throttling of the account', new RequestLimitExceeded(ABOUT), 'throttled'],
    ['throttling of the control plane', clientFault('ThrottlingException'), 'throttled'],
  ])('of %s is an answer', (_what, error, kind) => {
    expect(writeOutcome(error, 'add')).toEqual({ kind });
  });

  it.each([...NO_ANSWER, ...ACCESS_DENIED, ...TABLE_INACCESSIBLE])(
    'of %s is none: the store is unavailable',
    (_what, error) => {
      expect(() => writeOutcome(error, 'add')).toThrow(StoreUnavailableError);
      expect(() => writeOutcome(error, 'add')).toThrow(/did not answer add/);
    },
  );

  it('of a token used for two requests is none: it shows as what it is', () => {
    const error = clientFault('IdempotentParameterMismatchException');
    expect(() => writeOutcome(error, 'add')).toThrow(error);
  });

  it.each<[string, Error]>([
    ['an item that breaks a rule', clientFault('ValidationException')],
    ['half of a surrogate pair', clientFault('SerializationException')],
    ['an item collection that is too large', clientFault('ItemCollectionSizeLimitExceededException')],
    ['a part of a transaction', cancelled('ValidationError', 'None')],
  ])('of %s is the fault of that row alone', (_what, error) => {
    expect(() => writeOutcome(error, 'add')).toThrow(RowRefusedError);
  });
});

describe('toStoreError', () => {
  it.each([
    ...NO_ANSWER,
    ...ACCESS_DENIED,
    ...TABLE_INACCESSIBLE,
    ['a request to wait', withStatus(429)],
    ['throttling', new ProvisionedThroughputExceededException(ABOUT)] as [string, Error],
  ])('makes of %s a store that is unavailable, and keeps the cause', (_what, error) => {
    const result = toStoreError(error, 'getClaim');

    expect(result).toBeInstanceOf(StoreUnavailableError);
    expect((result as Error).cause).toBe(error);
    expect((result as Error).message).toContain(error.message);
  });

  it.each(NOT_MENDED_BY_WAITING)('leaves %s as it is', (_what, error) => {
    expect(toStoreError(error, 'getClaim')).toBe(error);
  });

  it('copes with what is no error at all', () => {
    expect(toStoreError('thrown text', 'ping')).toBeInstanceOf(StoreUnavailableError);
  });
});

describe('accessFaultOf', () => {
  it.each(ACCESS_DENIED)('of %s is that access is denied, also behind the store', (_what, error) => {
    expect(accessFaultOf(error)).toBe('access_denied');
    expect(accessFaultOf(toStoreError(error, 'ping'))).toBe('access_denied');
  });

  it.each(TABLE_INACCESSIBLE)('of %s is that the table cannot be used', (_what, error) => {
    expect(accessFaultOf(toStoreError(error, 'ping'))).toBe('table_inaccessible');
  });

  it.each([
    ...NO_ANSWER,
    ...NOT_MENDED_BY_WAITING,
    ['throttling', new ProvisionedThroughputExceededException(ABOUT)] as [string, Error],
    ['a failed condition', new ConditionalCheckFailedException(ABOUT)] as [string, Error],
    ['no error', undefined] as [string, undefined],
  ])('of %s is none', (_what, error) => {
    expect(accessFaultOf(error)).toBeUndefined();
  });
});
