import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../allocation/clock';
import { TableClock } from './table-clock';

/**
 * Tells the clock of the time in each of DynamoDB's answers, refusals included. The SDK keeps an offset of its own
 * (`config.systemClockOffset`), but it is private, and is corrected by a single answer, however long that was under way.
 */
export function observeTableTime(client: DynamoDBClient, clock: TableClock): void {
  const middleware =
    <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      const askedAt = clock.read();
      const result = await next(args);
      const date = dateHeader(result.response);
      if (date !== undefined) clock.observe(Date.parse(date), askedAt);
      return result;
    };
  client.middlewareStack.addRelativeTo(
    middleware,
    // Inside of it there are answers only, with whatever status.
    { name: 'observeTableTime', relation: 'after', toMiddleware: 'deserializerMiddleware', override: true },
  );
}

/** The clock of this process, corrected by what this client's answers say. */
export function tableClockOf(
  client: DynamoDBClient,
  onCorrection: (offsetMs: number) => void = () => undefined,
): TableClock {
  const clock = new TableClock(systemClock, onCorrection);
  observeTableTime(client, clock);
  return clock;
}

function dateHeader(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response as { headers?: Record<string, string> };
  // An answer out of a cache has an age, and tells the time of another moment.
  if (headers?.age !== undefined) return undefined;
  return headers?.date;
}
