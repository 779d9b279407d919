import { describeError } from '../../alarms/rollback/describe-error';
import type { CliContext } from '../context';
import {
  isSteady,
  primaryOf,
  type DeployedService,
  type DeployedServices,
} from '../services/deployed-services';

const POLL_MS = 5_000;
/** ECS may tell of the state before an update for a moment. */
const STALE_ANSWERS_MS = 15_000;

export type SteadyResult = { isSteady: true; detail: string } | { isSteady: false; detail: string };

/**
 * Waits until a service runs a revision and nothing else, telling each change. Ends at once when ECS has given the
 * roll-out up, and otherwise at the deadline. An answer that fails to come is asked for again.
 */
export async function waitUntilSteady(
  context: Pick<CliContext, 'nowMs' | 'sleep' | 'signal'> & { services: DeployedServices },
  wanted: { service: string; revision: string; maxWaitMs: number },
  tell: (line: string) => void,
): Promise<SteadyResult> {
  const { services, nowMs, sleep, signal } = context;
  const startedAtMs = nowMs();
  let lastLine = '';
  for (;;) {
    const elapsedMs = nowMs() - startedAtMs;
    const look = await lookAt(services, wanted, elapsedMs);
    if (look.kind === 'steady') return { isSteady: true, detail: look.line };
    if (look.kind === 'given_up') return { isSteady: false, detail: look.line };
    if (look.line !== lastLine) tell(look.line);
    lastLine = look.line;
    if (elapsedMs + POLL_MS > wanted.maxWaitMs) {
      const minutes = Math.round(wanted.maxWaitMs / 60_000);
      return {
        isSteady: false,
        detail: `not steady after ${minutes} min (${look.line}); ECS goes on with it`,
      };
    }
    await sleep(POLL_MS, signal);
  }
}

interface Look {
  kind: 'steady' | 'given_up' | 'under_way';
  line: string;
}

async function lookAt(
  services: DeployedServices,
  wanted: { service: string; revision: string },
  elapsedMs: number,
): Promise<Look> {
  let service: DeployedService;
  try {
    service = await services.describe(wanted.service);
  } catch (error) {
    return { kind: 'under_way', line: `no answer from ECS: ${describeError(error)}` };
  }
  const counts = countsOf(service);
  const isWanted = service.revision === wanted.revision;
  if (isWanted && isSteady(service)) return { kind: 'steady', line: `${wanted.revision}: ${counts}` };
  const failed = service.deployments.find(
    ({ revision, rolloutState }) => revision === wanted.revision && rolloutState === 'FAILED',
  );
  if (failed) {
    return { kind: 'given_up', line: `ECS gave it up: ${failed.rolloutStateReason ?? 'no reason given'}` };
  }
  if (!isWanted && elapsedMs > STALE_ANSWERS_MS) {
    return {
      kind: 'given_up',
      line: `the service is to run ${service.revision} again: ECS, or somebody, changed it`,
    };
  }
  return { kind: 'under_way', line: counts };
}

function countsOf(service: DeployedService): string {
  const { desiredCount, runningCount, pendingCount, deployments } = service;
  const rollout = primaryOf(service)?.rolloutState;
  const others = deployments.length > 1 ? `, ${deployments.length} deployments` : '';
  const state = rollout === undefined ? '' : `, roll-out ${rollout}`;
  return `desired ${desiredCount}, running ${runningCount}, pending ${pendingCount}${others}${state}`;
}
