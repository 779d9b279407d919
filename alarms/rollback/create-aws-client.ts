import {
  boundedAwsClient,
  type AwsLocation,
  type BoundedClientOptions,
} from '../../app/aws/bounded-aws-client';
import {
  BODY_TIMEOUT_MS,
  CALL_TIMEOUT_MS,
  CONNECTION_TIMEOUT_MS,
  MAX_ATTEMPTS,
  REQUEST_TIMEOUT_MS,
} from './time-budget';

/** An AWS client of the rollback and of the command line: each of its attempts and calls ends. */
export function createAwsClient<Client extends { send: unknown }>(
  ClientClass: new (options: BoundedClientOptions) => Client,
  location: AwsLocation,
  maxAttempts = MAX_ATTEMPTS,
): Client {
  return boundedAwsClient(ClientClass, location, {
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    bodyTimeoutMs: BODY_TIMEOUT_MS,
    callTimeoutMs: CALL_TIMEOUT_MS,
    maxAttempts,
  });
}
