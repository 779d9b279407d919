import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * Connections to DynamoDB kept open by one process: twice as many as calls are let to work at once, so that no call
 * waits for one. A transaction takes some milliseconds: 64 at a time carry 1,000 callers well within the time budget,
 * while opening 1,000 TLS connections in one moment would not.
 */
const MAX_SOCKETS = 128;
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;
/** The first call and two retries, with the SDK's own jittered delays. */
const MAX_ATTEMPTS = 3;

export interface DynamoClientOptions {
  region: string;
  /** Another engine than AWS, for local systems and tests. */
  endpoint?: string;
}

/** A DynamoDB client in which every call ends: with an answer, or with an error after its timeouts and retries. */
export function createDynamoClient({ region, endpoint }: DynamoClientOptions): DynamoDBClient {
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const client = new DynamoDBClient({
    region,
    endpoint,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      httpAgent: new HttpAgent(agentOptions),
      httpsAgent: new HttpsAgent(agentOptions),
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without this the SDK only logs a warning and waits on: @smithy/types, NodeHttpHandlerOptions.
      throwOnRequestTimeout: true,
    }),
  });
  // It prepares each call's input and output for a log that nobody asked for: some percent of a call's work.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
