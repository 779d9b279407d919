import { TransactionCanceledException, type CancellationReason } from '@aws-sdk/client-dynamodb';
import { RowRefusedError, StoreUnavailableError, type WriteOutcome } from './sandbox-store';

/*
 * What DynamoDB's errors mean for us. The names are those of the API reference of TransactWriteItems, PutItem and of
 * "Error handling with DynamoDB".
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
 * The error to throw for a call that got no usable answer. What the caller of AWS did wrong (a missing table, a
 * refused permission) is returned as it is: waiting does not mend it.
 */
export function toStoreError(error: unknown, operation: string): unknown {
  const isOurFault = hasClientFault(error) && !isThrottling(error);
  return isOurFault ? error : new StoreUnavailableError(operation, { cause: error });
}

function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLING.has(error.name);
}

function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function hasClientFault(error: unknown): boolean {
  return error instanceof Error && '$fault' in error && error.$fault === 'client';
}
