import type { DesiredCountParameter } from '../alarms/rollback/desired-count-parameter';
import type { ManualRollback } from '../alarms/rollback/manual-rollback';
import type { ReplayStores } from '../app/store/allocation-replay';
import type { InventoryStore } from '../app/store/inventory-store';
import type { JobStore } from '../app/store/job-store';
import type { PortalBindingStore } from '../app/store/portal-binding';
import type { RollbackHistory } from '../app/store/rollback-history';
import type { SandboxStore } from '../app/store/sandbox-store';
import type { Logger } from 'pino';
import type { AlarmStates } from './alarms/alarm-states';
import type { CallerIdentity } from './caller-identity';
import type { WantedWorkers } from './local-rollback';
import type { DeployedServices } from './services/deployed-services';

/** What only a deployed environment has. */
export interface AwsPlatform {
  services: DeployedServices;
  parameter: DesiredCountParameter;
  alarms: AlarmStates;
  identity: CallerIdentity;
}

/** What the commands look at and act on. */
export interface Platform {
  /** Absent in the local system. */
  aws?: AwsPlatform;
  jobs: Pick<JobStore, 'getControl' | 'getRun' | 'getLease'>;
  pool: Pick<SandboxStore, 'countByStatus'>;
  inventory: Pick<InventoryStore, 'scan' | 'guardAccount'>;
  history: RollbackHistory;
  bindings: PortalBindingStore;
  /** What a replay of allocations writes to. */
  replay: ReplayStores;
  /** For an action that wants so many workers. */
  manualRollback: (wantedWorkers: WantedWorkers) => ManualRollback;
  logger: Logger;
}
