import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentFile, type LocalEnvironment } from '../../local/environment-file';

const ENVIRONMENT: LocalEnvironment = {
  api_urls: ['http://127.0.0.1:8080'],
  worker_url: 'http://127.0.0.1:9090',
  broker_api_token: 'a',
  broker_admin_token: 'b',
  dynamodb_endpoint: 'http://127.0.0.1:8000',
  table: 'SandboxPool',
  csp_url: 'http://127.0.0.1:9000',
  csp_api_token: 'c',
  pids: { api: [1], worker: null, engine: 2, csp: 3 },
};

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'environment-file-'));
  path = join(directory, 'new', 'environment.json');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('holds the environment, for the eyes of its owner only, and leaves no draft', () => {
  new EnvironmentFile(path).write(ENVIRONMENT);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(ENVIRONMENT);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(directory, 'new'))).toEqual(['environment.json']);
});

it('is removed at the end', () => {
  const file = new EnvironmentFile(path);
  file.write(ENVIRONMENT);
  file.write({ ...ENVIRONMENT, table: 'Other' });
  file.remove();
  expect(existsSync(path)).toBe(false);
});

it('is left alone when another system has written its own', () => {
  const file = new EnvironmentFile(path);
  file.write(ENVIRONMENT);
  writeFileSync(path, 'theirs');
  file.remove();
  expect(readFileSync(path, 'utf8')).toBe('theirs');
});

it('is left alone when we never wrote it', () => {
  new EnvironmentFile(path).write(ENVIRONMENT);
  new EnvironmentFile(path).remove();
  expect(existsSync(path)).toBe(true);
});
