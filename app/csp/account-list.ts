import { z } from 'zod';
import type { CspAccount } from './csp-client';

/** An entry of the portal's list that cannot be used, and why. */
export interface MisfitEntry {
  index: number;
  reasons: string;
}

export type AccountList =
  { kind: 'valid'; accounts: CspAccount[]; misfits: MisfitEntry[] } | { kind: 'invalid'; reason: string };

/** What may stand at the end of a path: nothing that could lead the URL of a deletion elsewhere. */
const ACCOUNT_KEY = /^[A-Za-z0-9_-]{1,128}$/;
const SANDBOX_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** At four bytes a character this stays below the 1,024 bytes that DynamoDB allows in an index key. */
const NAME_MAX_LENGTH = 255;

const bodySchema = z.object({ results: z.array(z.unknown()) });

const kindSchema = z.object({ account_type: z.string(), state: z.string() });

const textOrNumber = z.union([z.int().nonnegative(), z.string().trim()]).transform(String);

const sandboxSchema = z.object({
  id: z.string().refine((id) => accountKey(id) !== undefined, 'ends in no account id'),
  csp_id: textOrNumber.pipe(z.string().regex(SANDBOX_ID, 'is no account number')),
  name: z.string().trim().max(NAME_MAX_LENGTH).nullish(),
  sfdc_account_id: textOrNumber.nullish(),
});

/** The key in the portal's own path for the account: the last segment of its id. `undefined` if there is none. */
export function accountKey(externalId: string): string | undefined {
  const key = externalId.split('/').at(-1) ?? '';
  return ACCOUNT_KEY.test(key) ? key : undefined;
}

/**
 * Reads the body of the portal's account list. Active sandboxes are kept and other accounts left out; an entry that
 * does not fit, or that repeats another's `csp_id`, is reported instead. Without a list of results it is `invalid`.
 */
export function parseAccountList(bodyText: string): AccountList {
  const body = parseJson(bodyText);
  if (body === undefined) return { kind: 'invalid', reason: 'it is not JSON' };
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { kind: 'invalid', reason: 'it has no list of results' };

  const accounts = new Map<string, CspAccount>();
  const misfits: MisfitEntry[] = [];
  for (const [index, entry] of parsed.data.results.entries()) {
    const result = parseEntry(entry);
    if (result.kind === 'other') continue;
    if (result.kind === 'misfit') misfits.push({ index, reasons: result.reasons });
    else if (accounts.has(result.account.sandboxId)) misfits.push({ index, reasons: 'csp_id: listed twice' });
    else accounts.set(result.account.sandboxId, result.account);
  }
  return { kind: 'valid', accounts: [...accounts.values()], misfits };
}

type EntryResult =
  { kind: 'sandbox'; account: CspAccount } | { kind: 'other' } | { kind: 'misfit'; reasons: string };

function parseEntry(entry: unknown): EntryResult {
  const kind = kindSchema.safeParse(entry);
  if (!kind.success) return { kind: 'misfit', reasons: describe(kind.error) };
  if (kind.data.account_type !== 'sandbox' || kind.data.state !== 'active') return { kind: 'other' };

  const sandbox = sandboxSchema.safeParse(entry);
  if (!sandbox.success) return { kind: 'misfit', reasons: describe(sandbox.error) };
  const { id, csp_id: sandboxId, name, sfdc_account_id: sfdcAccountId } = sandbox.data;
  return {
    kind: 'sandbox',
    account: {
      sandboxId,
      externalId: id,
      name: name === undefined || name === null || name === '' ? sandboxId : name,
      ...(sfdcAccountId === undefined || sfdcAccountId === null || sfdcAccountId === ''
        ? {}
        : { sfdcAccountId }),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'entry'}: ${issue.message}`).join('; ');
}
