import express, {
  Router,
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';
import { z } from 'zod';
import type { DeletionLog, DeletionOutcome } from './deletion-log';
import { accountKeyOf, type PortalAccount, type PortalAccounts } from './portal-accounts';
import { faultsSchema, type FaultInjector } from './portal-faults';

export interface PortalParts {
  apiToken: string;
  accounts: PortalAccounts;
  faults: FaultInjector;
  log: DeletionLog;
}

const newAccountsSchema = z.strictObject({
  count: z.int().min(1).max(100_000),
  name_prefix: z.string().trim().min(1).max(500).optional(),
});

/** The portal's two calls as the broker knows them, and under `/simulator` the ones to play tricks with. */
export function portalApp(parts: PortalParts): Express {
  const app = express().disable('x-powered-by');
  app.use('/simulator', express.json({ type: () => true }), controlRoutes(parts));
  app.get('/current_user/accounts', (request, response) => listAccounts(parts, request, response));
  app.delete('/sandbox/accounts/:key', (request, response) =>
    deleteAccount(parts, request.params.key, request, response),
  );
  app.use((_request, response) => {
    response.status(404).json({ detail: 'Not found.' });
  });
  app.use(answerError);
  return app;
}

async function listAccounts(parts: PortalParts, request: Request, response: Response): Promise<void> {
  const verdict = await parts.faults.judge('list');
  if (verdict === 'cut') request.socket.destroy();
  else if (verdict === 'error') answerFault(response);
  else if (!hasToken(parts, request)) answerUnauthorized(response);
  else response.type('json').send(listBody(parts));
}

function listBody({ accounts, faults }: PortalParts): string {
  const all = accounts.list();
  switch (faults.current.list) {
    case 'normal':
      return JSON.stringify({ results: all });
    case 'empty':
      return JSON.stringify({ results: [] });
    case 'halved': {
      const kept = new Set(accounts.activeSandboxes().filter((_account, index) => index % 2 === 0));
      return JSON.stringify({ results: [...kept] });
    }
    case 'malformed':
      return JSON.stringify({ results: all }).slice(0, -20);
    case 'without_results':
      return JSON.stringify({ detail: 'Scheduled maintenance.' });
    case 'odd_entries':
      return JSON.stringify({ results: [...oddEntries(), ...all] });
  }
}

function oddEntries(): unknown[] {
  const good = {
    account_type: 'sandbox',
    state: 'active',
    id: 'identity/accounts/0dd',
    name: 'csp-odd',
    csp_id: 1,
  };
  return [
    null,
    'account',
    {},
    { ...good, csp_id: null },
    { ...good, id: 'identity/accounts/' },
    { ...good, name: 7 },
  ];
}

async function deleteAccount(
  parts: PortalParts,
  key: string,
  request: Request,
  response: Response,
): Promise<void> {
  const verdict = await parts.faults.judge('delete');
  const account = parts.accounts.find(key);
  const outcome = ((): DeletionOutcome => {
    if (verdict === 'cut') return 'connection_cut';
    if (verdict === 'error') return 'failed';
    if (!hasToken(parts, request)) return 'unauthorized';
    if (account !== undefined && parts.faults.failsAccount(namesOf(account))) return 'failed';
    return parts.accounts.delete(key) ? 'deleted' : 'not_found';
  })();
  parts.log.record({ key, account, outcome });

  switch (outcome) {
    case 'connection_cut':
      request.socket.destroy();
      return;
    case 'failed':
      answerFault(response);
      return;
    case 'unauthorized':
      answerUnauthorized(response);
      return;
    case 'deleted':
      response.status(204).end();
      return;
    case 'not_found':
      response.status(404).json({ detail: 'Not found.' });
  }
}

function controlRoutes({ accounts, faults, log }: PortalParts): Router {
  const router = Router();
  router.get('/faults', (_request, response) => {
    response.json(faults.current);
  });
  router.put('/faults', (request, response) => {
    faults.set(faultsSchema.parse(request.body));
    response.json(faults.current);
  });
  router.get('/log', (_request, response) => {
    response.json({ deletions: log.entries });
  });
  router.post('/accounts', (request, response) => {
    const wanted = newAccountsSchema.parse(request.body);
    response.status(201).json({ created: accounts.createSandboxes(wanted.count, wanted.name_prefix) });
  });
  return router;
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  if (error instanceof z.ZodError) {
    const problems = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    response.status(400).json({ detail: problems.join('; ') });
    return;
  }
  const { status, message } = error as { status?: number; message?: string };
  response.status(status ?? 500).json({ detail: message ?? 'Internal server error.' });
};

function hasToken({ apiToken }: PortalParts, request: Request): boolean {
  return request.get('authorization') === `Token ${apiToken}`;
}

function namesOf(account: PortalAccount): string[] {
  return [String(account.csp_id), account.id, accountKeyOf(account)];
}

function answerFault(response: Response): void {
  response.status(500).json({ detail: 'Internal server error.' });
}

function answerUnauthorized(response: Response): void {
  response.status(401).json({ detail: 'Invalid token.' });
}
