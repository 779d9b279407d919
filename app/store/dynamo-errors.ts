import { TransactionCanceledException, type CancellationReason } from '@aws-sdk/client-dynamodb';
import { RowRefusedError, StoreUnavailableError, type WriteOutcome } from './sandbox-store';

/*
 * What DynamoDB's errors mean for us. The names are those of the API reference of TransactWriteItems, PutItem, of
 * "Error handling with DynamoDB" and of the common errors of AWS services.
 */

const THROTTLING = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

/** An item too large, an empty or oversized key, half of a surrogate pair: DynamoDB refuses what is in the item. */
const ROW_REFUSALS = new Set([
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
]);

const ROW_REFUSAL_REASONS = new Set(['ValidationError', 'ItemCollectionSizeLimitExceeded']);

/** The process has no valid credentials or permission; some services name the same error with `Exception`, some without. */
const ACCESS_DENIED = new Set([
  'AccessDenied',
  'CredentialsProviderError',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignature',
  'InvalidToken',
  'MissingAuthenticationToken',
  'NotAuthorized',
  'OptInRequired',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'TokenRefreshRequired',
  'UnauthorizedOperation',
  'UnrecognizedClient',
]);

/** The table is missing, is being restored, or its KMS key cannot be used. */
const TABLE_INACCESSIBLE = /^(ResourceNotFound|TableNotFound|KMS|InaccessibleEncryption)/;

const ACCESS_DENIED_STATUSES = new Set([401, 403]);

/** What the service asks to wait with, although it counts as the client's fault. */
const TRY_AGAIN_STATUSES = new Set([408, 429]);

const THROTTLING_REASONS = new Set(['ProvisionedThroughputExceeded', 'ThrottlingError']);

/** What one part of a transaction ran into. */
export type ReasonKind = 'none' | 'condition' | 'conflict' | 'throttled' | 'other';

/** The reasons of a cancelled transaction, in the order of its parts; `undefined` if the error is another one. */
export function cancellationReasons(error: unknown): CancellationReason[] | undefined {
  return error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : undefined;
}

/** Classifies one part's reason. */
export function reasonKind(reason: CancellationReason | undefined): ReasonKind {
  const code = reason?.Code ?? 'None';
  if (code === 'None') return 'none';
  if (code === 'ConditionalCheckFailed') return 'condition';
  if (code === 'TransactionConflict') return 'conflict';
  return THROTTLING_REASONS.has(code) ? 'throttled' : 'other';
}

/**
 * What a failed write amounts to, whatever its part.
 *
 * @throws RowRefusedError if it failed for what is in the item, and what {@link toStoreError} returns when there was no
 * answer to the write at all.
 */
export function writeOutcome(error: unknown, operation: string): WriteOutcome {
  const reasons = cancellationReasons(error);
  const kinds = reasons?.map(reasonKind) ?? [];
  if (kinds.includes('condition') || hasName(error, 'ConditionalCheckFailedException'))
    return { kind: 'changed' };
  if (
    kinds.includes('conflict') ||
    hasName(error, 'TransactionConflictException') ||
    // An earlier try of this very call is still at work.
    hasName(error, 'TransactionInProgressException')
  ) {
    return { kind: 'conflict' };
  }
  if (kinds.includes('throttled') || isThrottling(error)) return { kind: 'throttled' };
  if (isRowRefusal(error)) throw new RowRefusedError(operation, { cause: error });
  throw toStoreError(error, operation);
}

/** True if a write failed for what is in its item, so that other items may well be written. */
function isRowRefusal(error: unknown): boolean {
  const reasons = cancellationReasons(error) ?? [];
  return (
    (error instanceof Error && ROW_REFUSALS.has(error.name)) ||
    reasons.some(({ Code }) => Code !== undefined && ROW_REFUSAL_REASONS.has(Code))
  );
}

/**
 * Why DynamoDB lets nobody of this process at the table, although it answers.
 * - `access_denied`: credentials, signature or permissions. Another process may have valid ones.
 * - `table_inaccessible`: the table or its KMS key, for every process alike.
 */
export type AccessFault = 'access_denied' | 'table_inaccessible';

/** The {@link AccessFault} that an error, or the cause of a {@link StoreUnavailableError}, shows; `undefined` if none. */
export function accessFaultOf(error: unknown): AccessFault | undefined {
  if (error instanceof StoreUnavailableError) return accessFaultOf(error.cause);
  if (!(error instanceof Error)) return undefined;
  const ofParts = (cancellationReasons(error) ?? []).map(({ Code }) => faultNamed(Code ?? ''));
  const ofPart = ofParts.find((fault) => fault !== undefined);
  if (ofPart) return ofPart;
  const isDenied = hasClientFault(error) && ACCESS_DENIED_STATUSES.has(httpStatusOf(error) ?? 0);
  return faultNamed(error.name) ?? (isDenied ? 'access_denied' : undefined);
}

/** By the name of an error, or of a reason for which a transaction was cancelled. */
function faultNamed(name: string): AccessFault | undefined {
  if (TABLE_INACCESSIBLE.test(name)) return 'table_inaccessible';
  return ACCESS_DENIED.has(name.replace(/(Exception|Error)$/, '')) || ACCESS_DENIED.has(name)
    ? 'access_denied'
    : undefined;
}

/**
 * The error to throw for a call that got no usable answer. A request that is itself at fault (`ValidationException`,
 * an item that is too large) is our own error and is returned as it is; a table that we cannot get at is unavailable,
 * whatever the reason.
 */
export function toStoreError(error: unknown, operation: string): unknown {
  const isOurFault =
    hasClientFault(error) &&
    !isThrottling(error) &&
    accessFaultOf(error) === undefined &&
    !TRY_AGAIN_STATUSES.has(httpStatusOf(error) ?? 0);
  return isOurFault ? error : new StoreUnavailableError(operation, { cause: error });
}

function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLING.has(error.name);
}

function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function httpStatusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } }).$metadata;
  return metadata?.httpStatusCode;
}

function hasClientFault(error: unknown): error is Error {
  return error instanceof Error && '$fault' in error && error.$fault === 'client';
}
