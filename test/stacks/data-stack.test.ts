import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { tableDefinition } from '../../app/store/table';
import { DataStack } from '../../stacks/data-stack';
import { type Environment, ENVIRONMENTS } from '../../stacks/environments';

/** The parts of a synthesized stack that these tests read. */
interface SynthesizedStack {
  resource: { aws_dynamodb_table: Record<string, SynthesizedTable> };
  provider: { aws: { region: string; default_tags: { tags: Record<string, string> }[] }[] };
  terraform: { backend: Record<string, Record<string, unknown>>; required_version: string };
}

interface SynthesizedTable {
  name: string;
  hash_key: string;
  range_key: string;
  attribute: { name: string; type: string }[];
  global_secondary_index: { name: string; hash_key: string; range_key: string; projection_type: string }[];
  [setting: string]: unknown;
}

let outputFolder: string;

beforeAll(() => {
  outputFolder = mkdtempSync(join(tmpdir(), 'data-stack-'));
});

afterAll(() => {
  rmSync(outputFolder, { recursive: true });
});

function synthesize(environment: Environment, stateBucket?: string): SynthesizedStack {
  const app = Testing.app({ outdir: outputFolder });
  return JSON.parse(
    Testing.synth(new DataStack(app, { environment, stateBucket }), true),
  ) as SynthesizedStack;
}

function tableOf(environment: Environment): SynthesizedTable {
  const [table, ...others] = Object.values(synthesize(environment).resource.aws_dynamodb_table);
  if (table === undefined || others.length > 0)
    throw new Error('The data stack must hold exactly one table.');
  return table;
}

describe('the table in every environment', () => {
  const environments: [string, Environment][] = Object.entries(ENVIRONMENTS);

  it.each(environments)('has the keys of the one table definition in %s', (_name, environment) => {
    expect(tableOf(environment)).toMatchObject({
      name: environment.tableNames.table,
      hash_key: 'PK',
      range_key: 'SK',
    });
  });

  it.each(environments)(
    'declares each key attribute once with its type, and no other, in %s',
    (_name, environment) => {
      const table = tableOf(environment);
      const typeByName = Object.fromEntries(table.attribute.map(({ name, type }) => [name, type]));
      const keyNames = [table, ...table.global_secondary_index].flatMap((keys) => [
        keys.hash_key,
        keys.range_key,
      ]);

      expect(table.attribute).toHaveLength(new Set(keyNames).size);
      expect(new Set(Object.keys(typeByName))).toEqual(new Set(keyNames));
      expect(typeByName).toMatchObject({ PK: 'S', SK: 'S', status_order: 'N', allocated_at: 'N', name: 'S' });
    },
  );

  it.each(environments)('is billed by request in %s', (_name, environment) => {
    expect(tableOf(environment)).toMatchObject({ billing_mode: 'PAY_PER_REQUEST' });
  });

  it.each(environments)(
    'expires items by the attribute that the store writes in %s',
    (_name, environment) => {
      const { ttlAttribute } = tableDefinition(environment.tableNames);
      expect(tableOf(environment)).toMatchObject({ ttl: { attribute_name: ttlAttribute, enabled: true } });
    },
  );

  it.each(environments)('is encrypted and recoverable to a point in time in %s', (_name, environment) => {
    expect(tableOf(environment)).toMatchObject({
      server_side_encryption: { enabled: true },
      point_in_time_recovery: { enabled: true },
    });
  });
});

describe('the indexes', () => {
  it('have the keys that the store queries and project every attribute', () => {
    const { statusIndex, trackIndex, nameIndex } = ENVIRONMENTS.dev.tableNames;
    const expected = [
      { name: statusIndex, hash_key: 'status_shard', range_key: 'status_order', projection_type: 'ALL' },
      { name: trackIndex, hash_key: 'allocated_to_track', range_key: 'allocated_at', projection_type: 'ALL' },
      { name: nameIndex, hash_key: 'status_shard', range_key: 'name', projection_type: 'ALL' },
    ];
    expect(tableOf(ENVIRONMENTS.dev).global_secondary_index).toEqual(expected);
  });

  it('follow a changed configuration, and so does the table', () => {
    const tableNames = {
      table: 'Pool2',
      statusIndex: 'ByStatus',
      trackIndex: 'ByTrack',
      nameIndex: 'ByName',
    };
    const table = tableOf({ ...ENVIRONMENTS.dev, tableNames });

    expect(table.name).toBe('Pool2');
    expect(table.global_secondary_index.map(({ name }) => name)).toEqual(['ByStatus', 'ByTrack', 'ByName']);
    expect(JSON.stringify(table)).not.toMatch(/StatusIndex|TrackIndex|NameIndex|SandboxPool/);
  });
});

describe('what differs between the environments', () => {
  it('is that only the table of prod is protected against deletion', () => {
    expect(tableOf(ENVIRONMENTS.prod).deletion_protection_enabled).toBe(true);
    expect(tableOf(ENVIRONMENTS.dev).deletion_protection_enabled).toBe(false);
  });

  it('is the name of the table, so that both fit into one account', () => {
    expect(tableOf(ENVIRONMENTS.prod).name).not.toBe(tableOf(ENVIRONMENTS.dev).name);
  });

  it('is the region and the tag that every resource gets', () => {
    const { provider } = synthesize({ ...ENVIRONMENTS.prod, awsRegion: 'eu-west-1' });

    expect(provider.aws).toHaveLength(1);
    expect(provider.aws[0]).toMatchObject({
      region: 'eu-west-1',
      default_tags: [{ tags: { Application: 'sandbox-broker', Environment: 'prod' } }],
    });
  });
});

describe('the state', () => {
  it('is by default a file beside the output folder, under a relative path, one for each environment', () => {
    expect(synthesize(ENVIRONMENTS.dev).terraform.backend).toEqual({
      local: { path: '../../../terraform.sandbox-broker-dev-data.tfstate' },
    });
    expect(synthesize(ENVIRONMENTS.prod).terraform.backend).toEqual({
      local: { path: '../../../terraform.sandbox-broker-prod-data.tfstate' },
    });
  });

  it('is kept in S3, encrypted and with a lock file, when a bucket is named', () => {
    const { terraform } = synthesize({ ...ENVIRONMENTS.prod, awsRegion: 'eu-west-1' }, 'state-bucket');

    expect(terraform.backend).toEqual({
      s3: {
        bucket: 'state-bucket',
        key: 'sandbox-broker/prod/data.tfstate',
        region: 'eu-west-1',
        encrypt: true,
        use_lockfile: true,
      },
    });
  });

  it('is refused to a Terraform that does not know lock files', () => {
    expect(synthesize(ENVIRONMENTS.dev).terraform.required_version).toBe('>= 1.10.0');
  });
});
