import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CONNECTION_TIMEOUT_MS, MAX_ATTEMPTS, REQUEST_TIMEOUT_MS } from './time-budget';

/** Where AWS is. */
export interface AwsLocation {
  region: string;
  /** Another place than AWS, for tests. Without it the SDK's own `AWS_ENDPOINT_URL` counts. */
  endpoint?: string;
}

/** What every client of ours has: each attempt ends, and attempts are counted. */
export function awsClientOptions(
  location: AwsLocation,
  maxAttempts = MAX_ATTEMPTS,
): AwsLocation & { maxAttempts: number; requestHandler: NodeHttpHandler } {
  return {
    ...location,
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without this the SDK only logs a warning and waits on: @smithy/types, NodeHttpHandlerOptions.
      throwOnRequestTimeout: true,
    }),
  };
}
