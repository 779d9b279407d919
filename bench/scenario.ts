/** What one scenario is given by the run that it is part of. */
export interface BenchContext {
  /** A minute for everything together: fewer rounds and smaller pools. Figures are rough then. */
  isQuick: boolean;
  /** Aborted by Ctrl-C: what a scenario has started is to be stopped then, and `run` to reject with its reason. */
  signal: AbortSignal;
  /** Where this run has built `api.js` and `worker.js`, for `apiEntry` and `workerEntry`. */
  bundleDirectory: string;
  /** Another revision's build, to be measured in the same rounds by the scenarios that can. */
  compared?: ComparedBuild;
  /** How many rounds a scenario that compares measures of each build; its own number when missing. */
  roundCount?: number;
  /** Tells the person who waits what is being done. */
  progress(message: string): void;
  /** The result of a scenario that ran earlier in this run; `undefined` if it did not. */
  result(name: string): ScenarioResult | undefined;
}

/** The build of another revision than the sources as they are. */
export interface ComparedBuild {
  /** The commit, abbreviated. */
  revision: string;
  /** Where its `api.js` and `worker.js` are. */
  bundleDirectory: string;
}

/** A cell of a table. Numbers are shown with three significant digits, and stand to the right. */
export type Cell = string | number;

/** What a scenario measured. */
export interface ScenarioResult {
  /** Headings of the table, with units: `p99 (ms)`. */
  columns: string[];
  /** As many cells each as there are columns. */
  rows: Cell[][];
  /** How it was measured and what the figures mean: limits set, rounds, what was thrown away. One sentence each. */
  notes: string[];
  /** Every figure, by a name with its unit: `stampede_1000_p99_ms`. All finite. */
  values: Record<string, number>;
  /** Drawn into the plot, in this order. */
  charts?: BarChart[];
}

/** A row of bars, from zero to the largest. */
export interface BarChart {
  title: string;
  /** What the bars measure, with its unit: `allocations per second`. */
  axis: string;
  bars: { label: string; value: number }[];
}

/** One thing that is measured. It starts what it needs and stops it again, also when it fails. */
export interface Scenario {
  /** What `--only` takes: lower case, no spaces. */
  name: string;
  /** Above its table. */
  title: string;
  /** Whether it measures {@link BenchContext.compared} as well. */
  canCompare?: boolean;
  run(context: BenchContext): Promise<ScenarioResult>;
}
