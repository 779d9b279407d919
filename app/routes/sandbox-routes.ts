import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { AllocationService } from '../allocation/allocation-service';
import type { Sandbox } from '../allocation/sandbox';
import { BrokerError, SandboxNotFoundError } from '../errors';
import type { AllocateOutcomeLabel, DeletionOutcomeLabel, Metrics } from '../metrics';
import { headerOf, MAX_HEADER_LENGTH, requireCaller } from '../middleware/caller';
import { ignoredBody } from '../middleware/body';
import { methodNotAllowed } from '../middleware/error-handler';
import { factsOf } from '../middleware/request-log';
import { named } from './named';

export interface SandboxRouteDependencies {
  basePath: string;
  service: Pick<AllocationService, 'allocate' | 'get' | 'markForDeletion'>;
  metrics: Metrics;
  /** What a track's request must pass before its route: authentication, then the caller's rate limit. */
  guards: RequestHandler[];
}

/** The calls that lab scripts make. */
export function sandboxRoutes({ basePath, service, metrics, guards }: SandboxRouteDependencies): Router {
  const router = Router({ caseSensitive: true });

  router
    .route('/allocate')
    .all(named('allocate', `${basePath}/allocate`), ...guards)
    .post(ignoredBody, async (request, response) => {
      const caller = requireCaller(request);
      const { trackName } = factsOf(response);
      const namePrefix = headerOf(request, 'X-Sandbox-Name-Prefix');
      const idempotencyKey = headerOf(request, 'Idempotency-Key') ?? caller;
      const stopTimer = metrics.allocationLatency.startTimer();
      const count = (outcome: AllocateOutcomeLabel): void => {
        stopTimer({ outcome });
        metrics.allocations.inc({ outcome });
      };
      try {
        const { sandbox, isNew } = await service.allocate({ caller, idempotencyKey, trackName, namePrefix });
        count(isNew ? 'success' : 'idempotent_hit');
        if (!isNew) metrics.idempotentHits.inc();
        Object.assign(factsOf(response), {
          outcome: isNew ? 'allocated' : 'idempotent_hit',
          sandboxId: sandbox.sandboxId,
        });
        answer(response.status(isNew ? 201 : 200), {
          sandbox_id: sandbox.sandboxId,
          name: sandbox.name,
          external_id: sandbox.externalId,
          allocated_at: sandbox.allocation.allocatedAt,
          expires_at: sandbox.allocation.expiresAt,
          sfdc_account_id: sandbox.sfdcAccountId ?? null,
        });
      } catch (error) {
        count(allocateOutcomeOf(error));
        throw error;
      }
    })
    .all(methodNotAllowed('POST'));

  router
    .route('/sandboxes/:id')
    .all(named('get_sandbox', `${basePath}/sandboxes/:id`), ...guards)
    .get(async (request, response) => {
      const sandbox = await service.get(sandboxIdFor(request, response), requireCaller(request));
      answer(response, sandboxBody(sandbox));
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  router
    .route('/sandboxes/:id/mark-for-deletion')
    .all(named('mark_for_deletion', `${basePath}/sandboxes/:id/mark-for-deletion`), ...guards)
    .post(ignoredBody, async (request, response) => {
      try {
        const sandbox = await service.markForDeletion(
          sandboxIdFor(request, response),
          requireCaller(request),
        );
        metrics.deletionsMarked.inc({ outcome: 'success' });
        answer(response, sandboxBody(sandbox));
      } catch (error) {
        metrics.deletionsMarked.inc({ outcome: deletionOutcomeOf(error) });
        throw error;
      }
    })
    .all(methodNotAllowed('POST'));

  return router;
}

export function sandboxIdFor(request: Request, response: Response): string {
  const { id } = request.params;
  // No id is that long, and DynamoDB refuses keys of more than 2 KB.
  if (typeof id !== 'string' || id.length > MAX_HEADER_LENGTH) throw new SandboxNotFoundError();
  factsOf(response).sandboxId = id;
  return id;
}

/** A sandbox as its holder sees it. */
export function sandboxBody(sandbox: Sandbox): Record<string, unknown> {
  const allocation = 'allocation' in sandbox ? sandbox.allocation : undefined;
  return {
    sandbox_id: sandbox.sandboxId,
    name: sandbox.name,
    external_id: sandbox.externalId,
    status: sandbox.status,
    track_name: allocation?.trackName ?? null,
    allocated_at: allocation?.allocatedAt ?? null,
    expires_at: allocation?.expiresAt ?? null,
    deletion_requested_at: 'deletionRequestedAt' in sandbox ? sandbox.deletionRequestedAt : null,
    sfdc_account_id: sandbox.sfdcAccountId ?? null,
  };
}

export function answer(response: Response, body: Record<string, unknown>): void {
  response.set('Cache-Control', 'no-store').json(body);
}

function allocateOutcomeOf(error: unknown): AllocateOutcomeLabel {
  const code = error instanceof BrokerError ? error.code : undefined;
  if (code === 'NO_SANDBOXES_AVAILABLE') return 'no_sandboxes';
  return code === 'ALLOCATION_CONTENDED' ? 'contended' : 'error';
}

function deletionOutcomeOf(error: unknown): DeletionOutcomeLabel {
  switch (error instanceof BrokerError ? error.code : undefined) {
    case 'NOT_SANDBOX_OWNER':
      return 'not_owner';
    case 'ALLOCATION_EXPIRED':
      return 'expired';
    case 'SANDBOX_NOT_FOUND':
      return 'not_found';
    default:
      return 'error';
  }
}
