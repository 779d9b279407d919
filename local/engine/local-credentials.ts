/**
 * What the AWS SDK needs to talk to a local engine. Every process must use the same: some engines keep separate
 * tables for each key and region.
 */
export const LOCAL_AWS_ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
} as const;

/** Makes AWS clients of this process use the local credentials, whatever the user's own are; those stay unused. */
export function useLocalCredentials(): void {
  Object.assign(process.env, LOCAL_AWS_ENVIRONMENT);
  delete process.env.AWS_PROFILE;
  delete process.env.AWS_SESSION_TOKEN;
}

/** True for an endpoint of AWS itself, where the local system must never create or fill a table. */
export function isAwsEndpoint(endpointUrl: string): boolean {
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/i.test(new URL(endpointUrl).hostname);
}
