import { parseRevision, type DeployedServices, type Revision } from '../services/deployed-services';

/** How many older revisions a person is shown to choose from. */
const SHOWN_REVISIONS = 5;
/** How many are looked at for one that differs. */
const SEARCHED_REVISIONS = 30;

/** Where `rollback api` is to go. */
export type RevisionChoice =
  | {
      kind: 'go';
      current: Revision | undefined;
      to: Revision;
      others: number[];
      /** Newer than the chosen one, but the same as the current one in what they run. */
      passedOver: number[];
    }
  /** The service runs it, or is on its way to it. */
  | { kind: 'already'; to: Revision }
  | { kind: 'refused'; why: string };

/**
 * Chooses the revision to go back to: the one asked for, a number or `family:number`, or the newest ACTIVE one that is
 * older than the current one and runs something else: another image, other variables or secrets. Going back to the same
 * program under another number would mend nothing. Without one asked for it refuses when the API is already behind the
 * newest ACTIVE one: this command, ECS or somebody has gone back already, and going back once more is nothing to do by
 * mistake.
 */
export async function chooseRevision(
  services: DeployedServices,
  current: string,
  wanted: string | undefined,
): Promise<RevisionChoice> {
  const { family, number } = parseRevision(current);
  const searched = await services.olderRevisions(family, number, SEARCHED_REVISIONS);
  const older = searched.slice(0, SHOWN_REVISIONS);
  const choices =
    older.length > 0
      ? `ACTIVE and older than ${current}: ${older.join(', ')}.`
      : `There is no older ACTIVE one.`;
  const from = await services.revision(current);
  let passedOver: number[] = [];
  let to: Revision | undefined;
  let name: string;
  if (wanted === undefined) {
    if (older.length === 0) {
      return {
        kind: 'refused',
        why: `There is no ACTIVE revision of ${family} older than ${current} to go back to.`,
      };
    }
    const newest = await services.newestRevision(family);
    if (newest !== undefined && newest > number) {
      return {
        kind: 'refused',
        why: `The API is already behind ${family}:${newest}; name one with --to. ${choices}`,
      };
    }
    const found = await newestThatDiffers(services, family, searched, from);
    if (found.to === undefined) {
      return {
        kind: 'refused',
        why:
          `The ${searched.length} older ACTIVE revisions of ${family} that were looked at run the same image with the ` +
          `same variables as ${current}: going back would mend nothing. Name one with --to all the same. ${choices}`,
      };
    }
    ({ to, passedOver } = found);
    name = found.to.name;
  } else {
    name = wanted.includes(':') ? wanted : `${family}:${wanted}`;
    if (parseRevision(name).family !== family) {
      return { kind: 'refused', why: `${name} is not of the API's family ${family}. ${choices}` };
    }
    to = await services.revision(name);
  }
  if (to === undefined) return { kind: 'refused', why: `There is no revision ${name}. ${choices}` };
  if (to.status !== 'ACTIVE') {
    return { kind: 'refused', why: `${name} is ${to.status}: ECS starts no such revision. ${choices}` };
  }
  if (to.name === current) return { kind: 'already', to };
  return { kind: 'go', current: from, to, others: older.filter((each) => each !== to.number), passedOver };
}

/** One by one: mostly the first one differs. Of an unknown current one everything does. */
async function newestThatDiffers(
  services: DeployedServices,
  family: string,
  numbers: readonly number[],
  current: Revision | undefined,
): Promise<{ to: Revision | undefined; passedOver: number[] }> {
  const passedOver: number[] = [];
  for (const number of numbers) {
    const revision = await services.revision(`${family}:${number}`);
    if (revision !== undefined && revision.runs !== current?.runs) return { to: revision, passedOver };
    passedOver.push(number);
  }
  return { to: undefined, passedOver };
}
