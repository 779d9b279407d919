import type { AccountClients } from './account-clients';

/** What AWS's lists hold: by their types, any id may be missing. */
export type Ids = (string | undefined)[] | undefined;

/** One kind of thing that an account can hold. */
export interface InventoryKind {
  /** The Terraform types that show up in this list, be it as a part of what is listed. */
  terraformTypes: string[];
  /** The ids of all that exist. What AWS still shows of what was deleted is left out. */
  list: (clients: AccountClients) => Promise<string[]>;
}

/** The ids on all pages of a list. */
export async function all<Page>(pages: AsyncIterable<Page>, idsOf: (page: Page) => Ids): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...defined(idsOf(page)));
  return ids;
}

/** The ids that are there. */
export function defined(ids: Ids): string[] {
  return (ids ?? []).filter((id) => id !== undefined);
}
