import type { Browser, Route } from 'playwright-core';
import { createDynamoClient } from '../../../app/store/dynamo-client';
import { DynamoRollbackHistory } from '../../../app/store/dynamo-rollback-history';
import type { RollbackEntry } from '../../../app/store/rollback-history';
import { startLocalSystem, type LocalSystem } from '../../../local/local-system';
import { ConsolePage, consoleUrl, startBrowser } from './console-page';
import { describeInBrowser } from './find-chromium';
import { InterruptibleProxy } from './interruptible-proxy';

/*
 * The console when things go wrong: with the API, with the worker, and with what alarms watch.
 */

jest.setTimeout(60_000);

let browser: Browser;
let system: LocalSystem;
let console: ConsolePage;

/** An alarm has stopped the worker, as in AWS. */
function workerStop(atMs: number): RollbackEntry {
  return {
    atMs,
    cause: { kind: 'alarm', name: 'sandbox-broker-prod-worker-cpu-high', reason: 'Threshold Crossed <b>' },
    action: 'rollback_worker',
    steps: [
      { step: 'desired_count_parameter', outcome: 'done', detail: '0 (was 1)' },
      { step: 'worker_service', outcome: 'done', detail: '0 (was 1)' },
      { step: 'jobs_runner', outcome: 'failed', detail: 'the table did not answer' },
    ],
    durationMs: 2_300,
    attempts: 1,
    isFinished: true,
  };
}

const ALARMS = {
  available: true,
  reason: null,
  alarms: [
    {
      name: 'sandbox-broker-prod-pool-nearly-empty',
      state: 'ALARM',
      since: 1_795_439_003,
      reason: 'Threshold Crossed: 1 datapoint',
      description: 'Fewer sandboxes are available than the threshold.',
      runbook: 'docs/runbooks/pool-nearly-empty.md',
    },
    {
      name: 'sandbox-broker-prod-worker-cpu-high',
      state: 'OK',
      since: null,
      reason: null,
      description: null,
      runbook: 'docs/runbooks/worker-cpu-high.md',
    },
  ],
  missing: ['sandbox-broker-prod-rollback-failed'],
};

describeInBrowser('the console in trouble', () => {
  beforeAll(async () => {
    [browser, system] = await Promise.all([
      startBrowser(),
      startLocalSystem({
        sandboxCount: 5,
        apiTaskCount: 1,
        environment: { API_BASE_PATH: '/labs/v2', ENVIRONMENT_NAME: 'prod' },
      }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await system.stop();
  });

  /** GET, or PUT with a body; below another base path than the usual one. */
  async function adminCall(path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${consoleUrl(system)}/labs/v2/admin${path}`, {
      method: body === undefined ? 'GET' : 'PUT',
      headers: { Authorization: `Bearer ${system.brokerAdminToken}` },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    return answer.json();
  }

  async function expectNoFaults(allowed?: RegExp): Promise<void> {
    expect(await console.close(allowed)).toEqual([]);
  }

  it('says since when the API is not reachable, keeps old numbers as old, and recovers by itself', async () => {
    const proxy = new InterruptibleProxy(consoleUrl(system));
    await proxy.open();
    console = await ConsolePage.open(browser, proxy.url);
    await console.signIn(system.brokerAdminToken);
    const { page } = console;

    await proxy.close();
    await page.getByText(/Not reachable since \d\d:\d\d:\d\d\./).waitFor();
    await page
      .locator('#jobs-as-of')
      .getByText(/Old: as of \d\d:\d\d:\d\d\. The API cannot be reached\./)
      .waitFor();
    expect(await console.tile('available').textContent()).toBe('5');
    await page.getByRole('button', { name: 'Freeze the jobs' }).click();
    await console.dialog.getByLabel('Why?').fill('a test');
    await console.dialog.getByRole('button', { name: 'Freeze' }).click();
    await console.results.getByText('It may have happened all the same').waitFor();

    await proxy.open();
    await page.getByText(/Reachable again since/).waitFor();
    await page.locator('section:not(.old) #pool-as-of').waitFor();
    await page.locator('section:not(.old) #jobs-as-of').waitFor();
    await expectNoFaults(/ERR_(CONNECTION|EMPTY|SOCKET|INCOMPLETE|CONTENT)/);
    await proxy.close();
  });

  it('waits as long as Retry-After says, and tells so', async () => {
    console = await ConsolePage.open(browser, consoleUrl(system));
    await console.signIn(system.brokerAdminToken);
    const askedAtMs: number[] = [];
    const limit = (route: Route): Promise<void> => {
      askedAtMs.push(Date.now());
      return askedAtMs.length > 1
        ? route.continue()
        : route.fulfill({
            status: 429,
            headers: { 'Retry-After': '8', 'X-Request-ID': 'limited-1' },
            contentType: 'application/json',
            body: '{"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests.","request_id":"limited-1"}}',
          });
    };
    await console.page.route('**/admin/jobs', limit);

    await console.page
      .locator('#jobs-as-of')
      .getByText('Too many requests. Try again in 8 s. (request limited-1)')
      .waitFor();
    expect(await console.page.locator('#jobs-as-of').textContent()).toMatch(
      / Next look at \d\d:\d\d:\d\d\.$/,
    );
    await console.page.locator('section:not(.old) #jobs-as-of').waitFor();
    // Not one of the questions in between, of which there would have been one every 5 to 6 s.
    expect((askedAtMs[1] ?? 0) - (askedAtMs[0] ?? 0)).toBeGreaterThanOrEqual(7_900);
    await expectNoFaults(/status of 429/);
  });

  it('shows alarms, those that are missing, and the runbook of each', async () => {
    console = await ConsolePage.open(browser, consoleUrl(system));
    await console.page.route('**/admin/alarms', (route) => route.fulfill({ json: ALARMS }));
    await console.signIn(system.brokerAdminToken);
    const row = console.row('Alarms', 'sandbox-broker-prod-pool-nearly-empty');
    await row.waitFor();

    expect(await row.textContent()).toContain('docs/runbooks/pool-nearly-empty.md');
    const findings = await console.page.locator('#findings').textContent();
    expect(findings).toContain('Alarm sandbox-broker-prod-pool-nearly-empty is in ALARM');
    expect(findings).toContain('sandbox-broker-prod-rollback-failed');
    expect(findings).not.toContain('worker-cpu-high is in');
    await expectNoFaults();
  });

  it('shows what an API of the release before answers, which has fewer fields', async () => {
    console = await ConsolePage.open(browser, consoleUrl(system));
    const newFields = [
      'deletion_unconfirmed',
      'listed_after_deletion',
      'unreadable',
      'unread_shards',
      'problem',
    ];
    const asBefore = async (route: Route): Promise<void> => {
      const response = await route.fetch();
      const text = await response.text();
      const json: unknown = JSON.parse(text, (name, value: unknown) =>
        newFields.includes(name) ? undefined : value,
      );
      await route.fulfill({ response, json });
    };
    for (const call of ['stats', 'jobs', 'sandboxes?*'])
      await console.page.route(`**/admin/${call}`, asBefore);
    await console.signIn(system.brokerAdminToken);

    expect(await console.page.locator('#paging [role=status]').textContent()).toBe('Page 1, the last one');
    expect(await console.tile('available').textContent()).toBe('5');
    expect(await console.tile('deletion unconfirmed').textContent()).toBe('–');
    await expectNoFaults();
  });

  it('gives the jobs of a stopped worker to the API, and tells how a person starts it again', async () => {
    const client = createDynamoClient({ region: 'us-east-1', endpoint: system.dynamodbEndpoint });
    const history = new DynamoRollbackHistory(client, system.tableNames);
    await history.save(workerStop(Date.now() - 60_000));
    await adminCall('/jobs/runner', { runner: 'none', reason: 'a test' });
    console = await ConsolePage.open(browser, consoleUrl(system));
    await console.signIn(system.brokerAdminToken);
    const { page } = console;
    const command = 'npm run broker -- resume worker --env prod';

    await page.locator('#runner').getByText(command).waitFor();
    const entry = console.row('What alarms and people did', 'rollback worker');
    expect(await entry.textContent()).toContain('jobs runner: failed, the table did not answer');
    expect(await entry.textContent()).toContain('Threshold Crossed <b>');
    await page.getByRole('button', { name: 'Resume the jobs' }).click();
    expect(await console.dialog.textContent()).toContain(command);
    await console.dialog.getByLabel('Why?').fill('maintenance is over');
    await console.dialog.getByRole('button', { name: 'Give them to the API' }).click();
    await console.results.getByText('The API runs the jobs.').waitFor();
    expect(await adminCall('/jobs')).toMatchObject({
      runner: { runner: 'api', reason: 'maintenance is over' },
    });

    await history.save({ ...workerStop(Date.now()), action: 'resume_worker' });
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await console.signIn(system.brokerAdminToken);
    await console.row('What alarms and people did', 'resume worker').waitFor();
    expect(await page.locator('#runner').textContent()).not.toContain(command);
    client.destroy();
    await expectNoFaults();
  });
});
