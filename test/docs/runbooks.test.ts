import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ALARM_NAMES,
  ALARMS,
  cloudWatchAlarmName,
  LOG_METRICS,
  ROLLBACK_ALARM_NAMES,
  ROLLBACK_ALARMS,
} from '../../alarms/definitions';
import { apiEnvironmentSchema } from '../../app/config';
import { parseCommandLine } from '../../cli/parse-command-line';
import { ENVIRONMENTS } from '../../stacks/environments';
import { deployedNames } from '../../stacks/names';
import { serviceVariableDefinitions } from '../../stacks/variables/service-variables';
import { workerEnvironmentSchema } from '../../worker/config';
import {
  circuitLines,
  jobRunLines,
  otherRequestLines,
  refusedDeletionLines,
  requestLines,
  statusLines,
} from '../alarms/real-lines';
import { call, jsonOf } from '../http/http-client';
import { ADMIN_TOKEN, startTestApi, type TestApi } from '../http/test-api';
import {
  anchorsOf,
  blocksOf,
  brokerCommandsOf,
  callsOf,
  filterPatternsOf,
  headingsOf,
  INDEX_NAME,
  inlineCodeOf,
  linksOf,
  pages,
  RUNBOOKS_FOLDER,
  type Page,
} from './runbook-pages';

const ROOT = join(__dirname, '..', '..');
const HEADINGS = ['What it means', 'What the system has already done', 'Look', 'Decide', 'Act', 'Verify'];
/** Pages that no alarm of `alarms/definitions.ts` points to. */
const OTHER_PAGES = [
  'rollback-failed.md',
  'undo-a-rollback.md',
  'portal-maintenance.md',
  'restore-the-table.md',
];
/** A screen and a half. */
const MAX_LINES = 90;

const ALL = pages();
const INDEX = ALL.find(({ name }) => name === INDEX_NAME) ?? { name: INDEX_NAME, text: '' };
const RUNBOOKS = ALL.filter((page) => page !== INDEX);
const byName = (list: Page[]): [string, Page][] => list.map((page) => [page.name, page]);

const PROD = deployedNames(ENVIRONMENTS.prod);

/** All of our own sources, to look up what is quoted from them. */
const SOURCES = ['app', 'worker', 'alarms', 'stacks']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

const ERROR_CODES = [...SOURCES.matchAll(/readonly code = '(\w+)'/g)].map(([, code = '']) => code);
/** Log fields that no line of test/alarms/real-lines.ts happens to have. */
const RARE_FIELDS = ['misfit_count', 'track_name'];

describe('the folder of runbooks', () => {
  it('has one for every alarm, and else only those known here', () => {
    const wanted = new Set(ALARM_NAMES.map((name) => ALARMS[name].runbook.replace('docs/runbooks/', '')));
    expect(RUNBOOKS.map(({ name }) => name).sort()).toEqual([...wanted, ...OTHER_PAGES].sort());
  });

  it('has an index that links to every page, and names every alarm beside its page', () => {
    const missing = RUNBOOKS.filter(({ name }) => !INDEX.text.includes(`](${name})`));
    expect(missing.map(({ name }) => name)).toEqual([]);
    for (const name of ALARM_NAMES) {
      const page = ALARMS[name].runbook.replace('docs/runbooks/', '');
      expect(INDEX.text).toContain(`[\`${name}\`](${page})`);
    }
    for (const name of ROLLBACK_ALARM_NAMES) {
      const { runbook } = ROLLBACK_ALARMS[name];
      expect(INDEX.text).toContain(`[\`${name}\`](${runbook.replace('docs/runbooks/', '')})`);
    }
  });

  it('says in the index of each alarm on the worker, and of no other, that the worker was stopped', () => {
    const rows = INDEX.text.split('\n').filter((line) => line.includes('worker at 0'));
    const named = ALARM_NAMES.filter((name) => rows.some((row) => row.includes(`\`${name}\``)));
    expect(named).toEqual(ALARM_NAMES.filter((name) => ALARMS[name].triggersRollback));
  });
});

describe('each runbook', () => {
  it.each(byName(RUNBOOKS))('%s has the six parts, in order', (_name, page) => {
    expect(headingsOf(page)).toEqual(HEADINGS);
  });

  it.each(byName(RUNBOOKS))('%s is no longer than what a tired person reads', (_name, { text }) => {
    expect(text.split('\n').length).toBeLessThanOrEqual(MAX_LINES);
  });

  it.each(ALARM_NAMES.map((name) => [name]))('of %s has its name as the title', (name) => {
    const page = RUNBOOKS.find((each) => `docs/runbooks/${each.name}` === ALARMS[name].runbook);
    const title = page?.name.replace('.md', '').replaceAll('-', '_');
    expect(page?.text.startsWith(`# ${title}\n`)).toBe(true);
    expect(page?.text).toContain(name);
  });

  it.each(byName(RUNBOOKS))('%s has a command to look with and one to verify with', (_name, page) => {
    const part = (heading: string): string =>
      page.text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(part('Look')).toContain('```sh');
    expect(part('Verify')).toMatch(/```sh|stats/);
  });
});

describe('what the pages quote', () => {
  it.each(byName(ALL))('%s links only to what exists', (_name, page) => {
    for (const { path, anchor } of linksOf(page)) {
      const file = join(RUNBOOKS_FOLDER, path === '' ? page.name : path);
      expect([path, existsSync(file)]).toEqual([path, true]);
      if (anchor === undefined) continue;
      const target = { name: path, text: readFileSync(file, 'utf8') };
      expect(anchorsOf(target)).toContain(anchor);
    }
  });

  it.each(byName(ALL))('%s has only commands that the command line knows, for production', (_name, page) => {
    for (const words of brokerCommandsOf(page)) {
      const silent = { out: () => undefined, err: () => undefined };
      expect(() => parseCommandLine(words, silent)).not.toThrow();
      // A page may say besides how to look on a local system.
      const environment = words.includes('--local') ? undefined : 'prod';
      expect(parseCommandLine(words, silent).global.env).toBe(environment);
    }
  });

  it.each(byName(ALL))(
    '%s lets a command that asks stand last, so that what is pasted is no answer',
    (_name, page) => {
      const asks = /npm run broker -- (rollback|resume|freeze|unfreeze)/;
      for (const block of blocksOf(page, 'sh')) {
        const lines = block.trimEnd().split('\n');
        expect(lines.slice(0, -1).filter((line) => asks.test(line))).toEqual([]);
      }
    },
  );

  it.each(byName(ALL))('%s has no comments in commands: zsh takes them for arguments', (_name, page) => {
    expect(blocksOf(page, 'sh').filter((block) => /(^|\s)#\s/m.test(block))).toEqual([]);
  });

  it.each(byName(ALL))('%s names no resource of ours that is not deployed', (_name, { text }) => {
    const resources = [
      ...Object.values<string>({ ...PROD }),
      ...ALARM_NAMES.map((name) => cloudWatchAlarmName(PROD.prefix, name)),
    ];
    const quoted = text.match(/(?:\/aws\/lambda\/|\/)?sandbox-broker[-/]prod[A-Za-z0-9/_-]*/g) ?? [];
    const secrets = quoted.filter((name) => name.startsWith('sandbox-broker/'));
    // `service/<cluster>/<service>`, as autoscaling calls it.
    const others = quoted
      .filter((name) => !secrets.includes(name))
      .flatMap((name) =>
        name.startsWith('/')
          ? text.includes(`service${name}`)
            ? name.slice(1).split('/')
            : [name]
          : name.split('/'),
      );
    expect(others.filter((name) => !resources.includes(name))).toEqual([]);
    for (const secret of secrets)
      expect(SOURCES).toContain(`'${secret.replace('sandbox-broker/prod/', '')}',`);
  });

  it.each(byName(ALL))('%s names no metric that nobody counts', (_name, page) => {
    const words = [
      ...inlineCodeOf(page),
      ...blocksOf(page, 'sh').flatMap((block) => block.match(/(?<=--metric-name )\w+/g) ?? []),
    ];
    const metrics = words.filter((word) => /^([A-Z][a-z]+){2,}$/.test(word));
    // What ECS says when a task stops.
    const others = ['CannotPullContainerError', 'ResourceInitializationError', 'OutOfMemoryError'];
    expect(metrics.filter((word) => !(word in LOG_METRICS) && !others.includes(word))).toEqual([]);
  });

  it.each(byName(ALL))('%s names no variable or error code that does not exist', (_name, page) => {
    const variables = Object.values(serviceVariableDefinitions(ENVIRONMENTS.prod)).map(({ name }) => name);
    const known = [
      ...Object.keys(apiEnvironmentSchema.shape),
      ...Object.keys(workerEnvironmentSchema.shape),
      ...variables.map((name) => `TF_VAR_${name}`),
      ...ERROR_CODES,
      // The page's own, and what a person fills in.
      'BROKER_URL',
      'TASK_ID',
      'SINCE_MS',
    ];
    const quoted = page.text.match(/\b[A-Z]+_[A-Z]+(_\w+)*\b/g) ?? [];
    expect(quoted.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(byName(ALL))(
    '%s quotes no field, outcome or setting that the code does not know',
    (_name, page) => {
      const variables = Object.values(serviceVariableDefinitions(ENVIRONMENTS.prod)).map(({ name }) => name);
      const known = [
        ...variables,
        ...ALARM_NAMES,
        ...ERROR_CODES.map((code) => code.toLowerCase()),
        ...ROLLBACK_ALARM_NAMES,
      ];
      const words = inlineCodeOf(page)
        .flatMap((code) => code.split('.'))
        .filter((code) => /^[a-z]+(_[a-z]+)+$/.test(code));
      const isInSource = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(SOURCES);
      expect(words.filter((word) => !known.includes(word) && !isInSource(word))).toEqual([]);
    },
  );
});

describe('what the pages look for in our logs', () => {
  /** Fields that the code really writes. */
  const written = new Set<string>();
  beforeAll(async () => {
    const lines = await Promise.all([
      jobRunLines('sync', 'throws'),
      refusedDeletionLines(1),
      circuitLines(),
      statusLines(true),
      requestLines('allocated'),
      otherRequestLines(),
    ]);
    for (const line of lines.flat()) for (const field of Object.keys(line)) written.add(field);
  });
  const isNamedInSource = (name: string): boolean => new RegExp(`\\b${name}\\b\\s*[:,]`).test(SOURCES);
  /** Fields inside `counts` and those of rare lines are looked up in the source, `err` is pino's own. */
  const isField = (selector: string): boolean => {
    const [field = '', inner] = selector.split('.');
    if (field === 'err') return ['message', 'type', 'stack'].includes(inner ?? '');
    const isWritten = written.has(field) || (RARE_FIELDS.includes(field) && isNamedInSource(field));
    return isWritten && (inner === undefined || isNamedInSource(inner));
  };
  const isSaid = (text: string): boolean =>
    SOURCES.includes(`'${text}'`) || ERROR_CODES.includes(text.toUpperCase());

  it.each(byName(ALL))('%s filters by fields and words that the code writes', (_name, page) => {
    for (const pattern of filterPatternsOf(page)) {
      expect(pattern).toMatch(/^\{ (\$\.\w+ (=|>=) ("[^"]*"|\d+))( && \$\.\w+ (=|>=) ("[^"]*"|\d+))* \}$/);
      const fields = [...pattern.matchAll(/\$\.([\w.]+)/g)].map(([, field = '']) => field);
      expect(fields.filter((field) => !isField(field))).toEqual([]);
      expect(quotedWords(pattern).filter((word) => !isSaid(word))).toEqual([]);
    }
  });

  it.each(byName(ALL))('%s queries fields and words that the code writes', (_name, page) => {
    for (const query of blocksOf(page, 'insights')) {
      const own = [...query.matchAll(/ as (\w+)/g)].map(([, name]) => name);
      const names = (query.replaceAll(/"[^"]*"/g, '').match(/@?[A-Za-z_][\w.]*/g) ?? []).filter(
        (name) => !INSIGHTS_WORDS.has(name) && !own.includes(name),
      );
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => name !== '@timestamp' && !isField(name))).toEqual([]);
      expect(quotedWords(query).filter((word) => !isSaid(word))).toEqual([]);
    }
  });
});

describe('what the pages call', () => {
  const calls = ALL.flatMap((page) => callsOf(page).map((quoted) => ({ page: page.name, ...quoted })));
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  it('is something', () => {
    expect(calls.length).toBeGreaterThan(20);
  });

  it.each(calls)('$page: $method $path is a call of ours', async ({ method, path, body }) => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' };
    const answer = await call(api.port, path, { method, body, headers });
    // There is nothing behind the admin's routes here: a call that they accept ends in a 500.
    const { error } = answer.status === 200 ? { error: undefined } : jsonOf(answer);
    const code = error === undefined ? 'none' : (error as { code: string }).code;
    expect(['none', 'INTERNAL_ERROR']).toContain(code);
  });
});

/** What belongs to the language of Logs Insights. */
const INSIGHTS_WORDS = new Set(
  (
    'fields filter stats sort limit by as and or like desc asc count count_distinct max min avg pct latest bin ' +
    'ispresent m h d'
  ).split(' '),
);

function quotedWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
}
