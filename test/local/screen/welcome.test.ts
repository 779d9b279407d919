import type { LocalSystem } from '../../../local/local-system';
import { welcomeText } from '../../../local/screen/welcome';

/** As far as the text needs it. */
const SYSTEM = {
  apis: [{ url: 'http://127.0.0.1:8080' }, { url: 'http://127.0.0.1:8081' }],
  workers: [{ url: 'http://127.0.0.1:9090' }],
  brokerApiToken: 'track-token',
  brokerAdminToken: 'admin-token',
  cspUrl: 'http://127.0.0.1:9500',
  dynamodbEndpoint: 'http://127.0.0.1:8000',
  tableNames: { table: 'SandboxPool' },
} as LocalSystem;

it('tells where everything is, the console among it, and with which token', () => {
  const lines = welcomeText(SYSTEM, {
    basePath: '/labs',
    jobs: 'sync every 20 s',
    files: '.local/*.log',
  }).split('\n');
  const lineOf = (title: string): string => lines.find((line) => line.startsWith(`  ${title} `)) ?? '';

  expect(lineOf('Console')).toContain('http://127.0.0.1:8080/console ');
  expect(lineOf('API')).toContain('http://127.0.0.1:8081');
  expect(lineOf('Admin token')).toContain('admin-token');
  expect(lineOf('Portal')).toContain('docs/console.md');
  expect(lines.filter((line) => line.includes('http://127.0.0.1:8080/labs/allocate'))).toHaveLength(1);
});
