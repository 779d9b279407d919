import { tableDefinition } from '../../app/store/table';
import { DataStack } from '../../stacks/data-stack';
import { type Environment, ENVIRONMENTS } from '../../stacks/environments';
import { onlyResource, resources, type SynthesizedStack, synthesizeStack } from './synthesized';

interface SynthesizedTable {
  name: string;
  hash_key: string;
  range_key: string;
  attribute: { name: string; type: string }[];
  global_secondary_index: { name: string; hash_key: string; range_key: string; projection_type: string }[];
  [setting: string]: unknown;
}

interface SynthesizedSecret {
  name: string;
  description: string;
  recovery_window_in_days: number;
  lifecycle: { prevent_destroy: boolean };
}

interface LifecycleRule {
  selection: { tagStatus: string; tagPatternList?: string[]; countType: string; countNumber: number };
  action: { type: string };
}

const environments: [string, Environment][] = Object.entries(ENVIRONMENTS);

function synthesize(environment: Environment): SynthesizedStack {
  return synthesizeStack((app) => new DataStack(app, { environment, stateBucket: undefined }));
}

function tableOf(environment: Environment): SynthesizedTable {
  return onlyResource<SynthesizedTable>(synthesize(environment), 'aws_dynamodb_table');
}

function secretsOf(environment: Environment): SynthesizedSecret[] {
  return Object.values(resources<SynthesizedSecret>(synthesize(environment), 'aws_secretsmanager_secret'));
}

describe('the table in every environment', () => {
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

  it.each(environments)('is encrypted with a key of AWS and recoverable in %s', (_name, environment) => {
    expect(tableOf(environment)).toMatchObject({
      // Off is what Terraform calls AWS's own key: see docs/adr/0017.
      server_side_encryption: { enabled: false },
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
});

describe('the secrets', () => {
  it.each(environments)('are three in %s, under the name of the environment', (name, environment) => {
    expect(secretsOf(environment).map((secret) => secret.name)).toEqual([
      `sandbox-broker/${name}/broker-admin-token`,
      `sandbox-broker/${name}/broker-api-token`,
      `sandbox-broker/${name}/csp-api-token`,
    ]);
  });

  it.each(environments)('get no value from Terraform in %s', (_name, environment) => {
    const { resource, data, variable } = synthesize(environment);
    const withValues = [...Object.keys(resource ?? {}), ...Object.keys(data ?? {})].filter((type) =>
      /secret_version|random_/.test(type),
    );

    expect(withValues).toEqual([]);
    expect(variable).toBeUndefined();
  });

  it.each(environments)('say who reads them and how a person sets them in %s', (_name, environment) => {
    for (const { name, description } of secretsOf(environment)) {
      const variable = name.split('/').at(-1)?.replaceAll('-', '_').toUpperCase() ?? '';
      expect(description).toMatch(new RegExp(`^${variable}, read by the .*Format: `));
      expect(description).toContain(`aws secretsmanager put-secret-value --secret-id ${name} `);
      // AWS takes no longer one.
      expect(description.length).toBeLessThanOrEqual(2_048);
    }
  });

  it('can be restored for 30 days in prod, and free their names at once in dev', () => {
    const daysOf = (environment: Environment): number[] =>
      secretsOf(environment).map((secret) => secret.recovery_window_in_days);
    expect(daysOf(ENVIRONMENTS.prod)).toEqual([30, 30, 30]);
    expect(daysOf(ENVIRONMENTS.dev)).toEqual([0, 0, 0]);
  });
});

describe('the image repository', () => {
  it.each(environments)('scans what is pushed and lets no tag move in %s', (name, environment) => {
    expect(onlyResource(synthesize(environment), 'aws_ecr_repository')).toMatchObject({
      name: `sandbox-broker-${name}`,
      image_tag_mutability: 'IMMUTABLE',
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: 'AES256' }],
    });
  });

  it.each(environments)(
    'never drops a tagged image for its age in %s: it may still run',
    (_name, environment) => {
      const { policy } = onlyResource<{ policy: string }>(
        synthesize(environment),
        'aws_ecr_lifecycle_policy',
      );
      const { rules } = JSON.parse(policy) as { rules: LifecycleRule[] };
      const reachingTagged = rules.filter(({ selection }) => selection.tagStatus !== 'untagged');

      expect(reachingTagged.map(({ selection }) => selection)).toEqual([
        { tagStatus: 'tagged', tagPatternList: ['*'], countType: 'imageCountMoreThan', countNumber: 500 },
      ]);
    },
  );

  it('is deleted with its images in dev only', () => {
    const forceDelete = (environment: Environment): unknown =>
      onlyResource<{ force_delete: unknown }>(synthesize(environment), 'aws_ecr_repository').force_delete;
    expect(forceDelete(ENVIRONMENTS.dev)).toBe(true);
    expect(forceDelete(ENVIRONMENTS.prod)).toBe(false);
  });
});

describe('a plan that would delete or replace', () => {
  const lasting = ['aws_dynamodb_table', 'aws_secretsmanager_secret', 'aws_ecr_repository'];

  function preventsDestroy(environment: Environment, type: string): boolean[] {
    const blocks = resources<{ lifecycle?: { prevent_destroy?: boolean } }>(synthesize(environment), type);
    return Object.values(blocks).map(({ lifecycle }) => lifecycle?.prevent_destroy ?? false);
  }

  it.each(lasting)('an %s is refused in prod', (type) => {
    expect(new Set(preventsDestroy(ENVIRONMENTS.prod, type))).toEqual(new Set([true]));
  });

  it.each(lasting)('an %s goes through in dev', (type) => {
    expect(new Set(preventsDestroy(ENVIRONMENTS.dev, type))).toEqual(new Set([false]));
  });
});

describe('what a person is told after a deploy', () => {
  it('is where to push the image', () => {
    const stack = synthesize(ENVIRONMENTS.dev);
    const [id] = Object.keys(resources(stack, 'aws_ecr_repository'));
    expect(stack.output?.image_repository_url?.value).toBe(
      `\${aws_ecr_repository.${String(id)}.repository_url}`,
    );
  });

  it('is which secrets to set, none of them left out', () => {
    const stack = synthesize(ENVIRONMENTS.dev);
    const names = Object.keys(resources(stack, 'aws_secretsmanager_secret')).map(
      (id) => `\${aws_secretsmanager_secret.${id}.name}`,
    );
    const told = stack.output?.secret_names?.value as Record<string, string>;

    expect(Object.keys(told)).toEqual(['BROKER_ADMIN_TOKEN', 'BROKER_API_TOKEN', 'CSP_API_TOKEN']);
    expect(Object.values(told)).toEqual(names);
  });
});
