import type { Request, Response } from 'express';
import type { Sandbox } from '../allocation/sandbox';
import { SandboxNotFoundError } from '../errors';
import { MAX_HEADER_LENGTH } from '../middleware/caller';
import { factsOf } from '../middleware/request-log';
import type { SandboxBody } from './contract/sandbox-operations';

/**
 * The sandbox that a path names, noted for the log line.
 *
 * @throws SandboxNotFoundError for what cannot be an id.
 */
export function sandboxIdFor(request: Request, response: Response): string {
  const { id } = request.params;
  // No id is that long, and DynamoDB refuses keys of more than 2 KB.
  if (typeof id !== 'string' || id.length > MAX_HEADER_LENGTH) throw new SandboxNotFoundError();
  factsOf(response).sandboxId = id;
  return id;
}

/**
 * A sandbox as its holder sees it. Times are Unix seconds; what a state does not have is null. To its holder a deletion
 * that is not confirmed yet is one that is pending.
 *
 * @throws SandboxNotFoundError for a tombstone, which is shown to nobody.
 */
export function sandboxBody(sandbox: Sandbox): SandboxBody {
  if (sandbox.status === 'deleted') throw new SandboxNotFoundError();
  const allocation = 'allocation' in sandbox ? sandbox.allocation : undefined;
  return {
    sandbox_id: sandbox.sandboxId,
    name: sandbox.name,
    external_id: sandbox.externalId,
    status: sandbox.status === 'deletion_unconfirmed' ? 'pending_deletion' : sandbox.status,
    track_name: allocation?.trackName ?? null,
    allocated_at: allocation?.allocatedAt ?? null,
    expires_at: allocation?.expiresAt ?? null,
    deletion_requested_at: 'deletionRequestedAt' in sandbox ? sandbox.deletionRequestedAt : null,
    sfdc_account_id: sandbox.sfdcAccountId ?? null,
  };
}

/** Sends JSON that no cache between us and the caller may keep. Name the body's type: the document promises it. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- so that the literal is checked
export function answer<Body extends Record<string, unknown>>(response: Response, body: Body): void {
  response.set('Cache-Control', 'no-store').json(body);
}
