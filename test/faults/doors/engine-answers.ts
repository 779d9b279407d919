import type { Random } from '../../../app/allocation/clock';
import type { DoorAnswer } from './door';

/*
 * DynamoDB's refusals as they come over the wire, after "Error handling with DynamoDB" and the API reference of
 * TransactWriteItems (AWS documentation): status 400 and a `__type` for what the caller may mend, 5xx for the rest.
 */

const NAMESPACE = 'com.amazonaws.dynamodb.v20120810#';
const SERVICE_NAMESPACE = 'com.amazon.coral.service#';

/** The service failed. Whether a write was applied is not known; here it never was. */
export function serverError(random: Random): DoorAnswer {
  return random() < 0.5
    ? refusal(
        500,
        `${NAMESPACE}InternalServerError`,
        'The request processing has failed because of an unknown error',
      )
    : refusal(
        503,
        `${SERVICE_NAMESPACE}ServiceUnavailableException`,
        'The service is temporarily unavailable',
      );
}

/** Too much for now. A transaction says so part by part. */
export function throttled(operation: string, partCount: number, random: Random): DoorAnswer {
  if (operation === 'TransactWriteItems' && random() < 0.7) {
    const code = random() < 0.5 ? 'ThrottlingError' : 'ProvisionedThroughputExceeded';
    return cancelled(
      partCount,
      Math.floor(random() * partCount),
      code,
      'Throughput exceeds the current capacity',
    );
  }
  const dice = random();
  if (dice < 0.4) {
    return refusal(
      400,
      `${NAMESPACE}ProvisionedThroughputExceededException`,
      'The level of configured provisioned throughput for the table was exceeded',
    );
  }
  return dice < 0.8
    ? refusal(
        400,
        `${SERVICE_NAMESPACE}ThrottlingException`,
        'Rate of requests exceeds the allowed throughput',
      )
    : refusal(400, `${NAMESPACE}RequestLimitExceeded`, 'Throughput exceeds the current throughput limit');
}

/** Another transaction is at the item. `undefined` for reads, which no conflict concerns. */
export function conflict(operation: string, partCount: number, random: Random): DoorAnswer | undefined {
  switch (operation) {
    case 'TransactWriteItems':
      return cancelled(
        partCount,
        Math.floor(random() * partCount),
        'TransactionConflict',
        'Transaction is ongoing for the item',
      );
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return refusal(400, `${NAMESPACE}TransactionConflictException`, 'Transaction is ongoing for the item');
    default:
      return undefined;
  }
}

/** An earlier try of the same transaction, by its token, is still at work. `undefined` for all other calls. */
export function inProgress(operation: string): DoorAnswer | undefined {
  if (operation !== 'TransactWriteItems') return undefined;
  return refusal(
    400,
    `${NAMESPACE}TransactionInProgressException`,
    'Transaction is in progress for the provided client request token',
  );
}

function cancelled(partCount: number, guilty: number, code: string, message: string): DoorAnswer {
  const reasons = Array.from({ length: partCount }, (_, part) =>
    part === guilty ? { Code: code, Message: message } : { Code: 'None' },
  );
  const list = reasons.map(({ Code }) => Code).join(', ');
  return answer(400, {
    __type: `${NAMESPACE}TransactionCanceledException`,
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${list}]`,
    CancellationReasons: reasons,
  });
}

function refusal(status: number, type: string, message: string): DoorAnswer {
  return answer(status, { __type: type, message });
}

function answer(status: number, body: unknown): DoorAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}
