import { Router, type RequestHandler } from 'express';
import type { AlarmBoard, AlarmOverview } from '../admin/alarm-board';
import type { RollbackList } from '../admin/rollback-list';
import { methodNotAllowed } from '../middleware/error-handler';
import type { StoredRollbackEntry } from '../store/rollback-history';
import {
  rollbackQuery,
  type AlarmsBody,
  type RollbackBody,
  type RollbackPageBody,
} from './contract/on-call-operations';
import { named } from './named';
import { parseInput } from './parse-input';
import { answer } from './sandbox-body';

export interface OnCallRouteDependencies {
  basePath: string;
  rollbacks: Pick<RollbackList, 'page' | 'workerStop'>;
  alarms: Pick<AlarmBoard, 'overview'>;
  /** What an admin's request must pass before its route. */
  guards: RequestHandler[];
}

/** What on-call people look at, below `/admin`: the alarms, and what was done because of them. */
export function onCallRoutes({ basePath, rollbacks, alarms, guards }: OnCallRouteDependencies): Router {
  const router = Router({ caseSensitive: true });
  const route = (action: string, path: string): ReturnType<Router['route']> =>
    router.route(path).all(named(action, `${basePath}/admin${path}`), ...guards);

  route('list_rollbacks', '/rollbacks')
    .get(async (request, response) => {
      const { limit, cursor } = parseInput(rollbackQuery, request.query);
      const [page, stop] = await Promise.all([rollbacks.page(limit, cursor), rollbacks.workerStop()]);
      answer<RollbackPageBody>(response, {
        rollbacks: page.items.map(rollbackBody),
        count: page.items.length,
        cursor: page.cursor ?? null,
        worker_stop: stop ? rollbackBody(stop) : null,
      });
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  route('list_alarms', '/alarms')
    .get(async (_request, response) => {
      answer<AlarmsBody>(response, alarmsBody(await alarms.overview()));
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  return router;
}

function rollbackBody({ atMs, durationMs, isFinished, ...entry }: StoredRollbackEntry): RollbackBody {
  return {
    at: Math.floor(atMs / 1000),
    action: entry.action,
    cause: entry.cause,
    steps: entry.steps,
    duration_ms: durationMs,
    attempts: entry.attempts,
    is_finished: isFinished,
  };
}

function alarmsBody(overview: AlarmOverview): AlarmsBody {
  if (!overview.isAvailable) return { available: false, reason: overview.reason, alarms: [], missing: [] };
  return {
    available: true,
    reason: null,
    alarms: overview.alarms.map((alarm) => ({
      name: alarm.name,
      state: alarm.state,
      since: alarm.since ?? null,
      reason: alarm.reason ?? null,
      description: alarm.description ?? null,
      runbook: alarm.runbook ?? null,
    })),
    missing: overview.missing,
  };
}
