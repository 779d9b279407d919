import {
  ClusterNotFoundException,
  ServiceNotActiveException,
  ServiceNotFoundException,
} from '@aws-sdk/client-ecs';

/**
 * Sends a call to ECS. When ECS says that the cluster or the service is not there, which tells only what is missing and
 * not where it was looked for, throws `notFound` instead.
 *
 * @param notFound given ECS's name for what is wrong.
 */
export async function namingWhatIsMissing<T>(
  send: () => Promise<T>,
  notFound: (why: string) => Error,
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const isMissing =
      error instanceof ClusterNotFoundException ||
      error instanceof ServiceNotFoundException ||
      error instanceof ServiceNotActiveException;
    throw isMissing ? notFound(error.name) : error;
  }
}
