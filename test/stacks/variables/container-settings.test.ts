import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, TerraformStack, Token } from 'cdktf';
import type { z } from 'zod';
import { apiEnvironmentSchema } from '../../../app/config';
import {
  apiContainerEnvironment,
  workerContainerEnvironment,
} from '../../../stacks/constructs/service/container-environment';
import { ENVIRONMENTS } from '../../../stacks/environments';
import { CONTAINER_SETTINGS, containerSettingVariables } from '../../../stacks/variables/container-settings';
import { declareServiceVariables } from '../../../stacks/variables/declare-service-variables';
import { workerEnvironmentSchema } from '../../../worker/config';

/*
 * One setting has three places: the schema of a process, the stacks, and docs/configuration.md. A setting that lacks one
 * of them, or that two of them tell differently, fails here.
 */

const DOCS = join(__dirname, '../../../docs');
const CONFIGURATION = readFileSync(join(DOCS, 'configuration.md'), 'utf8');

/** With the defaults of the app, and so never on AWS. */
const LEFT_OUT = ['API_BASE_PATH', 'DDB_ENDPOINT_URL'];

type Source = 'variable' | 'secret' | 'fixed' | 'not set';

/** Where the variables of both processes have their values from, as their containers are made. */
function sources(): Record<string, Source> {
  const stack = new TerraformStack(new App(), 'stack');
  const variables = declareServiceVariables(stack, ENVIRONMENTS.dev);
  const arn = { arn: 'arn' };
  const secrets = { brokerApiToken: arn, brokerAdminToken: arn, cspApiToken: arn };
  const values = { environment: ENVIRONMENTS.dev, variables, secrets };
  const found: Record<string, Source> = {};
  const schemas = [apiEnvironmentSchema.shape, workerEnvironmentSchema.shape];
  for (const name of schemas.flatMap((shape) => Object.keys(shape))) found[name] = 'not set';
  for (const container of [apiContainerEnvironment(values), workerContainerEnvironment(values)]) {
    for (const { name } of container.secrets) found[name] = 'secret';
    for (const { name, value } of container.environment) {
      found[name] = Token.isUnresolved(value) ? 'variable' : 'fixed';
    }
  }
  return found;
}

/** The cells of a table row, without the marks of code. */
const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const inCode = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => String(text));

/** What the tables of the processes' variables say: of each, its default and its source. */
function documentedVariables(): { name: string; default: string; source: string }[] {
  const upToRollback = CONFIGURATION.slice(0, CONFIGURATION.indexOf('\n## The rollback function'));
  const rows = upToRollback.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map(cells).flatMap(([names = '', defaults = '', source = '']) => {
    const each = inCode(names);
    const ofEach = (cell: string): string[] => {
      const parts = cell.split(',').map((part) => part.trim().replaceAll('`', ''));
      return parts.length === each.length ? parts : each.map(() => parts[0] ?? '');
    };
    return each.map((name, index) => ({
      name,
      default: ofEach(defaults)[index] ?? '',
      source: ofEach(source)[index] ?? '',
    }));
  });
}

/** As the documentation writes what the schema makes of a variable that is not set. */
function documentedDefault(name: string, schema: z.ZodType): string {
  if (name === 'AWS_REGION') return 'required';
  if (name === 'DDB_ENDPOINT_URL') return 'AWS';
  const { success, data } = schema.safeParse(undefined);
  if (!success) return 'required';
  if (data === undefined) return name === 'POOL_NAME_PREFIX' ? 'empty' : 'none';
  return typeof data === 'string' ? data : JSON.stringify(data);
}

describe('docs/configuration.md', () => {
  it('names every variable of the API and the worker with its default and where it comes from, and no other', () => {
    const shape: Record<string, z.ZodType> = {
      ...workerEnvironmentSchema.shape,
      ...apiEnvironmentSchema.shape,
    };
    const found = sources();
    const expected = Object.entries(shape).map(([name, schema]) => ({
      name,
      default: documentedDefault(name, schema),
      source: found[name],
    }));
    const byName = (left: { name: string }, right: { name: string }): number =>
      left.name < right.name ? -1 : 1;

    expect(documentedVariables().sort(byName)).toEqual(expected.sort(byName));
  });

  it('names of every setting the variable of the containers that it sets, and its range', () => {
    const section = /\n### Settings of the containers\n(.*?)\n### /s.exec(CONFIGURATION)?.[1] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const documented = rows.map((line) => {
      const [name = '', , , sets = '', range = ''] = cells(line);
      return [...inCode(name), ...inCode(sets), range];
    });
    const expected = Object.entries(containerSettingVariables(ENVIRONMENTS.prod)).map(
      ([setting, variable]) => [
        variable.name,
        setting,
        /from (.*)$/.exec(String(variable.rules[0]?.message))?.[1] ?? documented.at(-1)?.[2],
      ],
    );

    expect(documented).toEqual(expected);
  });
});

describe('every variable that a page of the documentation names', () => {
  const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.md'),
  );
  const found = sources();

  it('reaches the containers, but for those that are never set on AWS', () => {
    const text = pages.map((path) => readFileSync(join(DOCS, path), 'utf8')).join('\n');
    const named = Object.keys(found).filter((name) => new RegExp(`\\b${name}\\b`).test(text));

    expect(named).toEqual(expect.arrayContaining(['LAB_DURATION_HOURS', 'METRICS_CACHE_SECONDS']));
    expect(named.filter((name) => found[name] === 'not set').sort()).toEqual(LEFT_OUT);
  });
});

describe('the range of a setting', () => {
  const definitions = containerSettingVariables(ENVIRONMENTS.prod);
  const numbers = CONTAINER_SETTINGS.filter((setting) => setting !== 'POOL_NAME_PREFIX');

  it.each(numbers)('of %s lies within what the process takes, and the default within it', (setting) => {
    const { rules, default: byDefault } = definitions[setting];
    const [, min, max] = /from (\d+) to (\d+)$/.exec(String(rules[0]?.message)) ?? [];

    for (const value of [min, max, String(byDefault)]) {
      expect(apiEnvironmentSchema.shape[setting].safeParse(value)).toMatchObject({ success: true });
    }
    expect(Number(byDefault)).toBeGreaterThanOrEqual(Number(min));
    expect(Number(byDefault)).toBeLessThanOrEqual(Number(max));
  });
});
