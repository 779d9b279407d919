import { Router, type RequestHandler } from 'express';
import type { AllocationService } from '../allocation/allocation-service';
import { BrokerError } from '../errors';
import type { AllocateOutcomeLabel, DeletionOutcomeLabel, Metrics } from '../metrics';
import { headerOf, requireCaller } from '../middleware/caller';
import { ignoredBody } from '../middleware/body';
import { methodNotAllowed } from '../middleware/error-handler';
import { factsOf } from '../middleware/request-log';
import type { AllocationBody, SandboxBody } from './contract/sandbox-operations';
import { named } from './named';
import { answer, sandboxBody, sandboxIdFor } from './sandbox-body';

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
          allocation: {
            idempotencyKey,
            sandboxName: sandbox.name,
            externalId: sandbox.externalId,
            allocatedAt: sandbox.allocation.allocatedAt,
            expiresAt: sandbox.allocation.expiresAt,
          },
        });
        answer<AllocationBody>(response.status(isNew ? 201 : 200), {
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
      answer<SandboxBody>(response, sandboxBody(sandbox));
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
        answer<SandboxBody>(response, sandboxBody(sandbox));
      } catch (error) {
        metrics.deletionsMarked.inc({ outcome: deletionOutcomeOf(error) });
        throw error;
      }
    })
    .all(methodNotAllowed('POST'));

  return router;
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
