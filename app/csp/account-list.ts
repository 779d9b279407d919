import { z } from 'zod';
import { accountKey } from '../allocation/account-key';
import type { CspAccount, OtherEntry, PortalList, UnusableEntry } from './csp-client';
import { incompletenessClaim } from './incompleteness-claim';
import { kindOfEntry } from './kind-of-entry';

/** The portal's list, or why its answer is none. */
export type AccountList = ({ kind: 'valid' } & PortalList) | { kind: 'invalid'; reason: string };

const SANDBOX_ID = /^[A-Za-z0-9._-]{1,128}$/;
/** At most three bytes for each: DynamoDB allows 1,024 bytes in the sort key of an index, and the name is one. */
const MAX_NAME_LENGTH = 255;
/** A path of some segments. Nothing else about the portal's ids is known. */
const MAX_EXTERNAL_ID_LENGTH = 512;
const MAX_SFDC_ACCOUNT_ID_LENGTH = 128;
/** Of an unknown word that the log shows. */
const MAX_WORD_LENGTH = 50;

const bodySchema = z.looseObject({ results: z.array(z.unknown()) });

const kindSchema = z.object({ account_type: z.string(), state: z.string() });

/** Text that DynamoDB, log viewers and terminals accept: no half of a surrogate pair, no control characters. */
function wellFormed(maxLength: number): z.ZodString {
  return z
    .string()
    .max(maxLength)
    .refine((text) => /^\P{Surrogate}*$/u.test(text), 'has half of a surrogate pair')
    .refine((text) => !/\p{Cc}/u.test(text), 'has control characters');
}

const textOrNumber = z.union([z.int().nonnegative(), z.string().trim()]).transform(String);

const externalIdSchema = wellFormed(MAX_EXTERNAL_ID_LENGTH).refine(
  (id) => accountKey(id) !== undefined,
  'ends in no account id',
);

const sandboxIdSchema = textOrNumber.pipe(z.string().regex(SANDBOX_ID, 'is no account number'));

const sandboxSchema = z.object({
  id: externalIdSchema,
  csp_id: sandboxIdSchema,
  name: z.string().trim().pipe(wellFormed(MAX_NAME_LENGTH)).nullish(),
  sfdc_account_id: textOrNumber.pipe(wellFormed(MAX_SFDC_ACCOUNT_ID_LENGTH)).nullish(),
});

const entryIdsSchema = z.object({
  id: externalIdSchema.optional().catch(undefined),
  csp_id: sandboxIdSchema.optional().catch(undefined),
});

/**
 * Reads the body of the portal's account list: active sandboxes, and the ids of all other accounts. An entry that
 * cannot be used, or that repeats the `id` or the `csp_id` of an earlier one, is reported with the ids that can be read.
 * Without a list of results the whole answer is `invalid`. A list that says itself that it is only a part is `incomplete`.
 *
 * @param linkHeader of the answer.
 */
export function parseAccountList(bodyText: string, linkHeader?: string): AccountList {
  const body = parseJson(bodyText);
  if (body === undefined) return { kind: 'invalid', reason: 'it is not JSON' };
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return { kind: 'invalid', reason: 'it has no list of results' };

  const accounts: CspAccount[] = [];
  const unusable: UnusableEntry[] = [];
  const others: OtherEntry[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of parsed.data.results.entries()) {
    const result = parseEntry(entry);
    if (result.kind === 'other') {
      others.push({ state: result.state, ...readableIds(entry) });
      continue;
    }
    if (result.kind === 'unusable') {
      unusable.push({ index, reasons: result.reasons, ...readableIds(entry) });
      continue;
    }
    const { account } = result;
    const identities = identitiesOf(account);
    const repeated = identities.filter(({ value }) => seen.has(value)).map(({ field }) => field);
    if (repeated.length > 0) {
      const { externalId, sandboxId } = account;
      unusable.push({ index, reasons: `${repeated.join(', ')}: listed twice`, externalId, sandboxId });
      continue;
    }
    for (const { value } of identities) seen.add(value);
    accounts.push(account);
  }
  const { results, ...rest } = parsed.data;
  const incomplete = incompletenessClaim(rest, results.length, linkHeader);
  return {
    kind: 'valid',
    accounts,
    unusable,
    others,
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

function identitiesOf({ externalId, sandboxId }: CspAccount): { field: string; value: string }[] {
  return [
    { field: 'id', value: `id ${accountKey(externalId) ?? externalId}` },
    { field: 'csp_id', value: `csp_id ${sandboxId}` },
  ];
}

function readableIds(entry: unknown): Pick<UnusableEntry, 'externalId' | 'sandboxId'> {
  const ids = entryIdsSchema.safeParse(entry);
  return ids.success ? { externalId: ids.data.id, sandboxId: ids.data.csp_id } : {};
}

type EntryResult =
  | { kind: 'sandbox'; account: CspAccount }
  | { kind: 'other'; state: string }
  | { kind: 'unusable'; reasons: string };

function parseEntry(entry: unknown): EntryResult {
  const kind = kindSchema.safeParse(entry);
  if (!kind.success) return { kind: 'unusable', reasons: describe(kind.error) };
  const { account_type: accountType, state } = kind.data;
  switch (kindOfEntry(accountType, state)) {
    case 'other':
      return { kind: 'other', state };
    case 'unknown_type':
      return { kind: 'unusable', reasons: `account_type: unknown word ${quoted(accountType)}` };
    case 'unknown_state':
      return { kind: 'unusable', reasons: `state: unknown word ${quoted(state)}` };
    case 'active_sandbox':
  }

  const sandbox = sandboxSchema.safeParse(entry);
  if (!sandbox.success) return { kind: 'unusable', reasons: describe(sandbox.error) };
  const { id, csp_id: sandboxId, name, sfdc_account_id: sfdcAccountId } = sandbox.data;
  return {
    kind: 'sandbox',
    account: {
      sandboxId,
      externalId: id,
      ...(name === undefined || name === null || name === ''
        ? { name: sandboxId, isUnnamed: true }
        : { name }),
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

function quoted(word: string): string {
  return JSON.stringify(word.slice(0, MAX_WORD_LENGTH));
}

function describe(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'entry'}: ${issue.message}`).join('; ');
}
