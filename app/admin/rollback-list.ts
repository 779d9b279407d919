import { nowSeconds, type Clock } from '../allocation/clock';
import { ValidationError } from '../errors';
import { isInFuture } from '../store/clock-tolerance';
import type { RollbackHistory, StoredRollbackEntry } from '../store/rollback-history';
import type { Page } from '../store/sandbox-store';

/** How many entries one look back in time reads. */
const LOOK_BACK_PAGE_SIZE = 100;

/** Where an entry stands in the history: `<time>#<cause>`. */
const PLACE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#(alarm|person)#.{1,900}$/su;

/** What alarms and people did to the worker and the jobs, as admins see it. */
export class RollbackList {
  constructor(
    private readonly history: RollbackHistory,
    private readonly clock: Clock,
  ) {}

  /**
   * A page, newest first; walk `cursor` to its absence.
   *
   * @throws ValidationError for a cursor that is none.
   */
  async page(limit: number, cursor: string | undefined): Promise<Page<StoredRollbackEntry>> {
    const page = await this.history.list({
      limit,
      cursor: cursor === undefined ? undefined : placeOf(cursor),
    });
    return { items: page.items, cursor: page.cursor && Buffer.from(page.cursor).toString('base64url') };
  }

  /**
   * The action that stopped the worker, if it has not been resumed since; `undefined` while the worker is wanted, as
   * far as the history tells. An entry from the future was written by a wrong clock and decides nothing: it would hide a
   * later resume. Only a person with rights of their own can start it again: the API cannot.
   */
  async workerStop(): Promise<StoredRollbackEntry | undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.history.list({ limit: LOOK_BACK_PAGE_SIZE, cursor });
      const now = nowSeconds(this.clock);
      const last = page.items.find((entry) => isAboutWorker(entry) && !isInFuture(entry.atMs / 1000, now));
      if (last) return last.action === 'rollback_worker' ? last : undefined;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return undefined;
  }
}

/** In the local system such an action has no part about the worker: its process goes on running. */
function isAboutWorker({ action, steps }: StoredRollbackEntry): boolean {
  const isItsAction = action === 'rollback_worker' || action === 'resume_worker';
  return isItsAction && steps.some(({ step }) => step === 'worker_service');
}

function placeOf(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString();
  if (PLACE.test(place)) return place;
  throw new ValidationError('This cursor is none. Send the one of the last answer.', { parameter: 'cursor' });
}
