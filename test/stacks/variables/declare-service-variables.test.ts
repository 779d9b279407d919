import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, TerraformStack, Testing } from 'cdktf';
import { ENVIRONMENTS, type Environment } from '../../../stacks/environments';
import { CONTAINER_SETTINGS } from '../../../stacks/variables/container-settings';
import {
  declareServiceVariables,
  guardWithServiceVariables,
} from '../../../stacks/variables/declare-service-variables';
import { serviceVariableDefinitions } from '../../../stacks/variables/service-variables';

interface SynthesizedVariable {
  type: string;
  description: string;
  default?: string | number | boolean;
  nullable: boolean;
  validation?: { condition: string; error_message: string }[];
}

function synthesize(
  environment: Environment,
  declare: (stack: TerraformStack, environment: Environment) => unknown = declareServiceVariables,
): Record<string, SynthesizedVariable> {
  const stack = new TerraformStack(new App(), 'stack');
  declare(stack, environment);
  return (JSON.parse(Testing.synth(stack)) as { variable: Record<string, SynthesizedVariable> }).variable;
}

/** What a table in the docs says of the variables, cell by cell. */
function documentedRows(): string[][] {
  const text = readFileSync(join(__dirname, '../../../docs/configuration.md'), 'utf8');
  const section = /\n## Deployment variables\n(.*?)(\n## |$)/s.exec(text)?.[1] ?? '';
  return section
    .split('\n')
    .filter((line) => /^\| `[a-z_]+` /.test(line))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', ''))
        .slice(1, -1),
    );
}

function shownDefault({ default: value }: SynthesizedVariable): string {
  if (value === undefined) return 'none';
  return value === '' ? 'empty' : String(value);
}

describe('the variables in Terraform', () => {
  it('are named as the code names them, in snake_case, or as the containers do', () => {
    const definitions = Object.entries(serviceVariableDefinitions(ENVIRONMENTS.dev));
    for (const [name, definition] of definitions) {
      const inSnakeCase = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const isOfContainers = CONTAINER_SETTINGS.some((setting) => setting === name);
      expect(definition.name).toBe(isOfContainers ? name.toLowerCase() : inSnakeCase);
    }
    expect(Object.keys(synthesize(ENVIRONMENTS.dev)).sort()).toEqual(
      definitions.map(([, { name }]) => name).sort(),
    );
  });

  it('each have a type, a description and rules, and are never null', () => {
    for (const [name, variable] of Object.entries(synthesize(ENVIRONMENTS.prod))) {
      expect(variable).toMatchObject({
        nullable: false,
        description: expect.stringMatching(/\.$/) as string,
      });
      expect(['string', 'number', 'bool']).toContain(variable.type);
      // Of a boolean there is nothing more to say.
      expect((variable.validation ?? []).length > 0).toBe(variable.type !== 'bool');
      for (const { condition, error_message } of variable.validation ?? []) {
        // Else Terraform refuses the whole stack.
        expect(condition).toContain(`var.${name}`);
        expect(error_message).toMatch(new RegExp(`^${name} must .*[.]$`));
      }
    }
  });

  it('come after those that their rules read', () => {
    const seen: string[] = [];
    for (const { name, rules } of Object.values(serviceVariableDefinitions(ENVIRONMENTS.dev))) {
      expect(seen).toEqual(expect.arrayContaining(rules.flatMap((rule) => rule.reads)));
      seen.push(name);
    }
  });

  it('give the worker 256 CPU units and 512 MiB by default', () => {
    expect(synthesize(ENVIRONMENTS.prod)).toMatchObject({
      worker_cpu: { default: 256 },
      worker_memory: { default: 512 },
    });
  });

  it('have no default in production where a safe one does not exist', () => {
    const { cors_allowed_origins, certificate_arn } = synthesize(ENVIRONMENTS.prod);
    expect(cors_allowed_origins).not.toHaveProperty('default');
    expect(certificate_arn).not.toHaveProperty('default');
  });

  it('are documented with their types and defaults', () => {
    const dev = synthesize(ENVIRONMENTS.dev);
    const prod = synthesize(ENVIRONMENTS.prod);
    const expected = Object.entries(dev).map(([name, variable]) => {
      const [inDev, inProd] = [variable, prod[name] ?? variable].map(shownDefault);
      return [name, variable.type, inDev === inProd ? inDev : `${inDev}; prod: ${inProd}`];
    });

    expect(
      documentedRows()
        .map((row) => row.slice(0, 3))
        .sort(),
    ).toEqual(expected.sort());
  });
});

describe('a stack that is guarded by the variables of the service', () => {
  const own = synthesize(ENVIRONMENTS.prod);
  const { container_image, csp_base_url, ...others } = synthesize(
    ENVIRONMENTS.prod,
    guardWithServiceVariables,
  );

  it('declares and checks them as the service stack does', () => {
    expect({ ...own, ...others }).toEqual(own);
    expect(Object.keys(others)).toHaveLength(Object.keys(own).length - 2);
  });

  it.each([
    ['container_image', container_image],
    ['csp_base_url', csp_base_url],
  ])('goes without %s as long as it is not known, but not with a bad one', (name, variable) => {
    expect(variable).toMatchObject({ default: null, nullable: true });
    const conditions = (of: SynthesizedVariable | undefined) =>
      of?.validation?.map(({ condition }) => condition) ?? [];
    expect(conditions(variable)).toEqual(
      conditions(own[name]).map((condition) => condition.replace('${', `\${var.${name} == null || `)),
    );
  });
});
