import type { ActingOptions } from './acting';
import type { ApiRollbackOptions } from './api/api-command';
import type { InitialiseOptions } from './initialise-command';
import type { ReplayOptions } from './replay-command';
import type { TargetOptions } from './target';
import type { WatchOptions } from './watch/watch-command';
import type { WorkerAction } from './worker-command';

/** The options that every command has. */
export interface GlobalOptions extends TargetOptions {
  isJson: boolean;
  isVerbose: boolean;
}

/** A command line, understood. */
export type Invocation = { global: GlobalOptions } & (
  | { command: 'status'; isPoolCounted: boolean }
  | { command: 'watch'; options: WatchOptions }
  | { command: 'history'; limit: number }
  | { command: 'worker'; action: WorkerAction; options: ActingOptions }
  | { command: 'rollback_api'; options: ApiRollbackOptions }
  | { command: 'initialise'; options: InitialiseOptions }
  | { command: 'replay_allocations'; options: ReplayOptions }
);
