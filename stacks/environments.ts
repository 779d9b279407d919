import { DEFAULT_TABLE_NAMES, type TableNames } from '../app/store/table';

/** Everything in which one deployed environment differs from another. A change here is reviewed like code. */
export interface Environment {
  /** Part of the name of every stack, and so of its state: two environments never share one. */
  name: string;
  awsRegion: string;
  /**
   * Two zones of the region: a load balancer needs two, and one of them may fail. By their ids: what an account calls
   * `us-east-1a` is another zone in another account.
   */
  availabilityZoneIds: readonly [string, string];
  /** The VPC's addresses. They overlap nothing, should the environments ever be peered. */
  vpcCidrBlock: string;
  /** `one` is cheaper; with `one_per_zone` a zone's failure leaves the other one its way out. */
  natGateways: 'one' | 'one_per_zone';
  /** The ports outside that tasks may reach over TCP: AWS and the portal. */
  egressPorts: { from: number; to: number };
  /** The containers are given these names too, so that the app and its table cannot disagree. */
  tableNames: TableNames;
  /**
   * When on, AWS refuses to delete the table and the load balancer, and Terraform refuses every plan that deletes or
   * replaces the table, the secrets or the image repository. Turning it off is a deploy of its own.
   */
  deletionProtection: boolean;
  /** Refuses what is fine on a developer's account only: any origin, no certificate, an image without a fixed tag. */
  isProduction: boolean;
  /** Days in which a deleted secret can be restored; 0 deletes it at once, so that its name is free again. */
  secretRecoveryDays: number;
  /** Days for which the access logs of load balancer, firewall and network are kept. */
  accessLogRetentionDays: number;
  /** Pause between two batches of deletions: how gently cleanup treats the portal. */
  cleanupBatchDelaySeconds: number;
  /**
   * Begins the names of the portal's accounts that belong to this environment; all of them, if not given. Two environments
   * on one portal need prefixes of which none begins the other.
   */
  poolNamePrefix?: string;
}

/** The environments that can be deployed. Two may share an AWS account: no name is used twice. */
export const ENVIRONMENTS = {
  dev: {
    name: 'dev',
    awsRegion: 'us-east-1',
    tableNames: { ...DEFAULT_TABLE_NAMES, table: `${DEFAULT_TABLE_NAMES.table}-dev` },
    availabilityZoneIds: ['use1-az1', 'use1-az2'],
    vpcCidrBlock: '10.80.0.0/16',
    natGateways: 'one',
    // A portal for development may listen on any port.
    egressPorts: { from: 1, to: 65_535 },
    deletionProtection: false,
    isProduction: false,
    secretRecoveryDays: 0,
    accessLogRetentionDays: 14,
    cleanupBatchDelaySeconds: 2,
  },
  prod: {
    name: 'prod',
    awsRegion: 'us-east-1',
    tableNames: DEFAULT_TABLE_NAMES,
    availabilityZoneIds: ['use1-az1', 'use1-az2'],
    vpcCidrBlock: '10.81.0.0/16',
    natGateways: 'one_per_zone',
    egressPorts: { from: 443, to: 443 },
    deletionProtection: true,
    isProduction: true,
    secretRecoveryDays: 30,
    accessLogRetentionDays: 90,
    cleanupBatchDelaySeconds: 30,
  },
} as const satisfies Record<string, Environment>;

const DEFAULT_ENVIRONMENT_NAME: keyof typeof ENVIRONMENTS = 'dev';

/** A setting that synth refuses. The message is written for the person who deploys, and needs no stack trace. */
export class DeploymentSettingError extends Error {
  override readonly name = 'DeploymentSettingError';
}

/**
 * Which stacks are synthesized: those of the broker, or the one that an account needs once before them. Never both, so
 * that a deploy of `'*'` by a pipeline cannot touch the roles and the boundary that limit the pipeline.
 */
export type StackSet = 'broker' | 'bootstrap';

/** What the person who deploys has chosen. */
export interface DeploymentSettings {
  environment: Environment;
  /** The S3 bucket that keeps Terraform's state; without one the state is a local file. */
  stateBucket: string | undefined;
  /** The AWS account of the environment, 12 digits. Terraform refuses credentials of any other; not given: it takes all. */
  accountId?: string;
  /** `broker`, if not given. */
  stackSet?: StackSet;
}

/**
 * Reads the choice from `SANDBOX_BROKER_ENV` (default `dev`), `TF_STATE_BUCKET` and `SANDBOX_BROKER_ACCOUNT_ID` (default:
 * none), `SANDBOX_BROKER_STACKS` (default `broker`) and `SANDBOX_BROKER_ZONE_IDS` (default: the environment's zones).
 * @throws DeploymentSettingError for a value that cannot be; for a variable that is set but empty: that is a pipeline
 * that lost its value, and guessing would deploy to the wrong place; and for production without a bucket or without its
 * account.
 */
export function deploymentSettings(variables: NodeJS.ProcessEnv): DeploymentSettings {
  const settings: DeploymentSettings = {
    environment: inZones(environmentNamed(variables.SANDBOX_BROKER_ENV), variables.SANDBOX_BROKER_ZONE_IDS),
    stateBucket: bucketNamed(variables.TF_STATE_BUCKET),
    accountId: accountNamed(variables.SANDBOX_BROKER_ACCOUNT_ID),
    stackSet: stackSetNamed(variables.SANDBOX_BROKER_STACKS),
  };
  if (settings.environment.isProduction) checkProduction(settings);
  return settings;
}

/** The environment of this name, by default `dev`. @throws DeploymentSettingError when there is none, with the names that there are. */
export function environmentNamed(name: string = DEFAULT_ENVIRONMENT_NAME): Environment {
  const known: Record<string, Environment> = ENVIRONMENTS;
  const environment = Object.hasOwn(known, name) ? known[name] : undefined;
  if (environment === undefined) {
    const choices = Object.keys(known).join(' or ');
    throw new DeploymentSettingError(`SANDBOX_BROKER_ENV is "${name}", but must be ${choices}.`);
  }
  return environment;
}

/** The environment, in other zones of its region if any are named: an account may lack one, or room in it. */
function inZones(environment: Environment, zoneIds: string | undefined): Environment {
  if (zoneIds === undefined) return environment;
  const [first, second, ...others] = zoneIds.split(',').map((zoneId) => zoneId.trim());
  const isZoneId = (zoneId: string | undefined): zoneId is string =>
    /^[a-z0-9]+-az[0-9]+$/.test(zoneId ?? '');
  if (!isZoneId(first) || !isZoneId(second) || first === second || others.length > 0) {
    throw new DeploymentSettingError(
      `SANDBOX_BROKER_ZONE_IDS is "${zoneIds}", but must be the ids of two zones of ${environment.awsRegion}, ` +
        'such as use1-az4,use1-az6: see aws ec2 describe-availability-zones.',
    );
  }
  return { ...environment, availabilityZoneIds: [first, second] };
}

/** All that production lacks, at once. */
function checkProduction({ stateBucket, accountId, stackSet }: DeploymentSettings): void {
  const faults: string[] = [];
  // The bootstrap stack makes the bucket: its first deployment has none to keep a state in.
  if (stateBucket === undefined && stackSet !== 'bootstrap') {
    faults.push(
      'TF_STATE_BUCKET is not set: production keeps no state in a local file, where one lost disk loses it and two ' +
        'people can deploy at once. Name the bucket that the bootstrap stack made (docs/deploy.md).',
    );
  }
  if (accountId === undefined) {
    faults.push(
      'SANDBOX_BROKER_ACCOUNT_ID is not set: name the 12 digits of the AWS account of production, so that credentials ' +
        'of another account deploy nothing.',
    );
  }
  if (faults.length > 0) throw new DeploymentSettingError(faults.join('\n'));
}

function bucketNamed(name: string | undefined): string | undefined {
  if (name?.trim() === '') {
    throw new DeploymentSettingError(
      'TF_STATE_BUCKET is empty: name the S3 bucket that keeps the state, or unset it to keep the state in a file.',
    );
  }
  return name;
}

function accountNamed(id: string | undefined): string | undefined {
  if (id !== undefined && !/^[0-9]{12}$/.test(id)) {
    throw new DeploymentSettingError(
      `SANDBOX_BROKER_ACCOUNT_ID is "${id}", but must be the 12 digits of an AWS account.`,
    );
  }
  return id;
}

function stackSetNamed(name: string | undefined): StackSet {
  if (name === undefined) return 'broker';
  if (name === 'broker' || name === 'bootstrap') return name;
  throw new DeploymentSettingError(`SANDBOX_BROKER_STACKS is "${name}", but must be broker or bootstrap.`);
}
