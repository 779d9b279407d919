import { describeError } from '../alarms/rollback/describe-error';
import { ServiceNotFoundError } from '../alarms/rollback/worker-service';
import { StoreUnavailableError } from '../app/store/sandbox-store';
import { NoCredentialsError } from './require-credentials';
import type { Target } from './target';

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);
/** AWS takes no request whose time is more than a quarter of an hour off. */
const WRONG_TIME = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);
const REFUSED_KEY = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidClientTokenIdException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'InvalidAccessKeyId',
]);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'UnauthorizedException',
]);
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'EAI_AGAIN',
]);
const TIMED_OUT = new Set(['TimeoutError', 'AbortError']);

const SIGN_IN = 'sign in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID';

/** An error in words that say what to do, for the person who gave the command. */
export function explainError(error: unknown, target: Target): string {
  const cause = behindTheStore(error);
  const { name, message, code } = cause;
  if (cause instanceof NoCredentialsError) return message;
  const where = target.kind === 'aws' ? `in ${target.table.region} of this AWS account` : 'at this address';
  if (/expired/i.test(message) && /token|session|credential/i.test(message)) return expired(message);
  if (EXPIRED.has(name)) return expired(message);
  if (WRONG_TIME.has(name) || /signature (expired|not yet current)/i.test(message)) {
    return `AWS refuses the time of this request: set the clock of this machine, then try again. (${name}: ${message})`;
  }
  if (name === 'CredentialsProviderError') return `No AWS credentials were found: ${SIGN_IN}. (${message})`;
  if (name === 'TokenProviderError') return `The AWS sign-in is not valid: ${SIGN_IN}. (${message})`;
  if (REFUSED_KEY.has(name)) return `AWS does not accept these credentials: ${SIGN_IN}. (${name})`;
  if (DENIED.has(name)) return `These credentials may not do that: ${message}`;
  if (cause instanceof ServiceNotFoundError || name === 'ClusterNotFoundException') {
    return `${message.charAt(0).toUpperCase()}${message.slice(1)}; looked ${where}. Check --env, --region, --cluster and AWS_PROFILE.`;
  }
  if (name === 'ResourceNotFoundException') {
    return `There is no table ${target.table.tableNames.table} ${where}. Check --env, --region and AWS_PROFILE.`;
  }
  if (name === 'ParameterNotFound' && target.kind === 'aws') {
    return `There is no parameter ${target.desiredCountParameter} ${where}. Check --env, --region and AWS_PROFILE.`;
  }
  // The SDK calls connections that break off time-outs, too: only their code tells them apart.
  if (UNREACHABLE.has(code ?? '')) return `Cannot be reached: ${message || code}`;
  if (TIMED_OUT.has(name) || code === 'ETIMEDOUT') return 'No answer in time.';
  return describeError(cause);
}

function expired(message: string): string {
  return `The AWS credentials have expired: ${SIGN_IN}. (${message})`;
}

/** The store wraps what AWS said; what AWS said is what helps. */
function behindTheStore(error: unknown): Error & { code?: string } {
  const own = error instanceof Error ? error : new Error(String(error));
  return own instanceof StoreUnavailableError && own.cause instanceof Error ? own.cause : own;
}
