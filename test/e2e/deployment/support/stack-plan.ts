/** A change that Terraform would make. */
export interface ResourceChange {
  /** e.g. `aws_ecs_service.worker-service`. */
  address: string;
  /** e.g. `['update']`; a replacement is two actions. */
  actions: string[];
  /** The top-level attributes that would change, sorted. */
  attributes: string[];
}

/** What `terraform plan` says about a deployed stack. */
export interface StackPlan {
  stack: string;
  /** Empty when Terraform finds nothing to do. */
  changes: ResourceChange[];
  /** Outputs that would change. */
  outputs: string[];
  /** What Terraform printed, for people. */
  output: string;
  /** The plan as `terraform show -json` tells it; undefined when there is no change. */
  json?: string;
}

/** What a plan would change, as `address attribute`, sorted; for anything but an update `address (actions)`. */
export function changesOf({ changes, outputs }: Pick<StackPlan, 'changes' | 'outputs'>): string[] {
  const ofResource = ({ address, actions, attributes }: ResourceChange): string[] =>
    actions.join() === 'update'
      ? attributes.map((attribute) => `${address} ${attribute}`)
      : [`${address} (${actions.join(', ')})`];
  return [...changes.flatMap(ofResource), ...outputs.map((name) => `output ${name}`)].sort();
}

type Values = Record<string, unknown>;

interface PlanJson {
  resource_changes?: {
    address: string;
    change: { actions: string[]; before: Values | null; after: Values | null; after_unknown?: Values };
  }[];
  output_changes?: Record<string, { actions: string[] }>;
}

/** Reads the answer of `terraform show -json <plan>`. */
export function readPlan(json: string): Pick<StackPlan, 'changes' | 'outputs'> {
  const plan = JSON.parse(json) as PlanJson;
  const changes = (plan.resource_changes ?? [])
    // A data source that is read later changes nothing.
    .filter(({ change }) => !['no-op', 'read'].includes(change.actions.join()))
    .map(({ address, change }) => ({
      address,
      actions: change.actions,
      attributes: changedAttributes(change.before ?? {}, change.after ?? {}, change.after_unknown ?? {}),
    }));
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, { actions }]) => actions.join() !== 'no-op')
    .map(([name]) => name);
  return { changes, outputs };
}

function changedAttributes(before: Values, after: Values, unknown: Values): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)]);
  return [...names]
    .filter((name) => {
      const isUnknown = name in unknown && !isEmpty(unknown[name]);
      return isUnknown || JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null);
    })
    .sort();
}

/** Terraform marks an attribute with known parts only by `false`, or by a structure of nothing but empty ones. */
function isEmpty(mark: unknown): boolean {
  if (typeof mark !== 'object' || mark === null) return mark !== true;
  return Object.values(mark).every(isEmpty);
}
