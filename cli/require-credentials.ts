import { STSClient } from '@aws-sdk/client-sts';
import { describeError, shorten } from '../alarms/rollback/describe-error';

const CREDENTIALS_MS = 20_000;
const MAX_REASON_LENGTH = 300;

/** How the SDK logs why one of its credentials providers failed, and that it tries the next one. */
const PROVIDER_FAILED = /^@smithy\/property-provider (?:->|\(!\)) (?<reason>.+)$/s;

/** What a provider logs that nobody has configured. */
const NOT_CONFIGURED =
  /^(Unable to find environment variable credentials|AWS_PROFILE is set, skipping|Skipping SSO provider|Web identity configuration not specified|EC2 Instance Metadata Service access disabled|Could not load credentials from any providers)/;

/** There are no usable AWS credentials. The message says why, and what to do. */
export class NoCredentialsError extends Error {
  override readonly name = 'NoCredentialsError';
}

/**
 * Looks for credentials once, before anything is asked, so that their absence is one clear message.
 *
 * @throws NoCredentialsError
 */
export async function requireCredentials(region: string, timeoutMs = CREDENTIALS_MS): Promise<void> {
  const reasons: string[] = [];
  const listen = (line: unknown): void => {
    const reason = PROVIDER_FAILED.exec(String(line))?.groups?.reason?.trim();
    if (reason !== undefined && !NOT_CONFIGURED.test(reason)) reasons.push(reason);
  };
  const client = new STSClient({
    region,
    // The error of the SDK's chain of providers says only that all of them failed; why, it tells its logger alone.
    logger: { debug: listen, info: listen, warn: listen, error: listen, trace: listen },
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  });
  try {
    await Promise.race([client.config.credentials(), tooLate]);
  } catch (error) {
    throw new NoCredentialsError(explain(reasons, error), { cause: error });
  } finally {
    clearTimeout(timer);
    client.destroy();
  }
}

function explain(reasons: string[], error: unknown): string {
  const profile = process.env.AWS_PROFILE ?? 'default';
  const said = shorten((reasons[0] ?? describeError(error)).replaceAll(/\s+/g, ' '), MAX_REASON_LENGTH);
  const unresolved = reasons
    .map(
      (reason) => /^Could not resolve credentials using profile: \[(?<name>.*?)\]/.exec(reason)?.groups?.name,
    )
    .find((name) => name !== undefined);
  if (/\bSSO\b|aws sso login/.test(said)) {
    return `The SSO session of the AWS profile ${profile} is not valid: run aws sso login --profile ${profile}. (${said})`;
  }
  if (unresolved !== undefined && process.env.AWS_PROFILE !== undefined) {
    const isMissing = reasons.some((reason) => reason.startsWith(`Profile ${unresolved} could not be found`));
    const via = unresolved === profile ? '' : `, which the profile ${profile} names,`;
    return isMissing || via !== ''
      ? `There is no AWS profile ${unresolved}${via} in the AWS configuration files: correct AWS_PROFILE, or see aws configure list-profiles.`
      : `The AWS profile ${unresolved} names no way to credentials: sign in, or complete it in ~/.aws/config.`;
  }
  if (/^Command failed|credential_process/.test(said) && unresolved === undefined) {
    return `The credential_process of the AWS profile ${profile} fails: run its command by hand to see why. (${said})`;
  }
  if (reasons.length > 0 && unresolved === undefined) return `AWS credentials cannot be loaded: ${said}`;
  if (!(error instanceof Error) || error.name !== 'CredentialsProviderError') {
    return `AWS credentials cannot be loaded: ${said}`;
  }
  return `No AWS credentials were found: sign in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID. (${error.message})`;
}
