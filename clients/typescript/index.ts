export { BrokerApiError, type BrokerErrorCode, type BrokerErrorFields } from './broker-api-error';
export {
  BrokerClient,
  unwrap,
  type Allocation,
  type AllocateOptions,
  type BrokerClientOptions,
  type Sandbox,
} from './broker-client';
export { BrokerUnreachableError, DEFAULT_RETRY_OPTIONS, type RetryOptions } from './retrying-fetch';
export type { components, operations, paths } from './schema';
