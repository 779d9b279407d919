import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { boundedAwsClient } from '../aws/bounded-aws-client';

/**
 * Connections to DynamoDB kept open by one process: twice as many as calls are let to work at once, so that no call
 * waits for one. A transaction takes some milliseconds: 64 at a time carry 1,000 callers well within the time budget,
 * while opening 1,000 TLS connections in one moment would not.
 */
const MAX_SOCKETS = 128;
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;
/** A response is at most 1 MB. */
const BODY_TIMEOUT_MS = 1_000;
/**
 * The first attempt and two retries, with the SDK's own jittered delays, while the SDK's retry quota lasts. A call that
 * must succeed is repeated by whoever makes it (`app/jobs/repeat-patiently.ts`).
 */
const MAX_ATTEMPTS = 3;
/** Three attempts of 3 s, and the delays between them. A caller with a time budget passes a signal. */
const CALL_TIMEOUT_MS = 10_000;

export interface DynamoClientOptions {
  region: string;
  /** Another engine than AWS, for local systems and tests. */
  endpoint?: string;
}

/**
 * A DynamoDB client in which every call ends: with an answer, or with an error after its timeouts and retries.
 *
 * @param onCall is told how each call ended: with an error, or (`undefined`) without one.
 */
export function createDynamoClient(
  { region, endpoint }: DynamoClientOptions,
  onCall?: (error: unknown) => void,
): DynamoDBClient {
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const client = boundedAwsClient(
    DynamoDBClient,
    { region, endpoint },
    {
      httpAgent: new HttpAgent(agentOptions),
      httpsAgent: new HttpsAgent(agentOptions),
      connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      bodyTimeoutMs: BODY_TIMEOUT_MS,
      maxAttempts: MAX_ATTEMPTS,
      callTimeoutMs: CALL_TIMEOUT_MS,
    },
    onCall,
  );
  // It prepares each call's input and output for a log that nobody asked for: some percent of a call's work.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
