import { parseRevision, type DeployedServices, type Revision } from '../services/deployed-services';

/** How many older revisions a person is shown to choose from. */
const SHOWN_REVISIONS = 5;

/** Where `rollback api` is to go. */
export type RevisionChoice =
  | { kind: 'go'; current: Revision | undefined; to: Revision; others: number[] }
  /** The service runs it, or is on its way to it. */
  | { kind: 'already'; to: Revision }
  | { kind: 'refused'; why: string };

/**
 * Chooses the revision to go back to: the one asked for, a number or `family:number`, or the newest ACTIVE one that is
 * older than the current one. Without one asked for it refuses when the API is already behind the newest ACTIVE one: this
 * command, ECS or somebody has gone back already, and going back once more is nothing to do by mistake.
 */
export async function chooseRevision(
  services: DeployedServices,
  current: string,
  wanted: string | undefined,
): Promise<RevisionChoice> {
  const { family, number } = parseRevision(current);
  const older = await services.olderRevisions(family, number, SHOWN_REVISIONS);
  const choices =
    older.length > 0
      ? `ACTIVE and older than ${current}: ${older.join(', ')}.`
      : `There is no older ACTIVE one.`;
  let name: string;
  if (wanted === undefined) {
    const [previous] = older;
    if (previous === undefined) {
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
    name = `${family}:${previous}`;
  } else {
    name = wanted.includes(':') ? wanted : `${family}:${wanted}`;
    if (parseRevision(name).family !== family) {
      return { kind: 'refused', why: `${name} is not of the API's family ${family}. ${choices}` };
    }
  }
  const [to, from] = await Promise.all([services.revision(name), services.revision(current)]);
  if (to === undefined) return { kind: 'refused', why: `There is no revision ${name}. ${choices}` };
  if (to.status !== 'ACTIVE') {
    return { kind: 'refused', why: `${name} is ${to.status}: ECS starts no such revision. ${choices}` };
  }
  if (to.name === current) return { kind: 'already', to };
  return { kind: 'go', current: from, to, others: older.filter((each) => each !== to.number) };
}
