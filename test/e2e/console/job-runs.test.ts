import type { Browser, Route } from 'playwright-core';
import { startLocalSystem, type LocalSystem } from '../../../local/local-system';
import { waitUntil } from '../../local/wait-until';
import { Admin, setFaults } from '../support/admin-client';
import { closeConnections } from '../support/broker-client';
import { ConsolePage, consoleUrl, startBrowser } from './console-page';
import { describeInBrowser } from './find-chromium';

/*
 * Runs that the console starts and that outlast their calls, and calls that something else answers in the API's place.
 */

jest.setTimeout(60_000);

/** Longer than the console wants its call to wait. */
const PORTAL_LATENCY_MS = 5_000;

/** As a load balancer answers for an API that took too long. */
const GATEWAY_TIMEOUT = { status: 504, contentType: 'text/html', body: '<html>504 Gateway Time-out</html>' };

let browser: Browser;
let system: LocalSystem;
let admin: Admin;
let console: ConsolePage;

describeInBrowser('the console, with a run that takes long', () => {
  beforeAll(async () => {
    [browser, system] = await Promise.all([
      startBrowser(),
      startLocalSystem({ sandboxCount: 5, apiTaskCount: 1, environment: { JOB_LEASE_SEC: '3' } }),
    ]);
    admin = new Admin(system);
  });

  afterAll(async () => {
    closeConnections();
    await browser.close();
    await system.stop();
  });

  beforeEach(async () => {
    console = await ConsolePage.open(browser, consoleUrl(system));
    await console.signIn(system.brokerAdminToken);
  });

  async function runSync(): Promise<void> {
    await console.page.getByRole('button', { name: 'Run sync now' }).click();
    await console.dialog.getByRole('button', { name: 'Run sync' }).click();
  }

  /** No message says that it failed, and the browser found no fault of the page. */
  async function expectNoFailure(allowed?: RegExp): Promise<void> {
    expect(await console.results.textContent()).not.toContain('Failed.');
    expect(await console.close(allowed)).toEqual([]);
  }

  it('says that it is running, follows it, and says how it ended', async () => {
    await setFaults(system, { latency_ms: PORTAL_LATENCY_MS });
    await runSync();

    const running = console.results.getByRole('status');
    await running.getByText('sync is running since').waitFor();
    expect(await running.textContent()).toMatch(/^Running\. /);
    await console.results.getByText(/Done\..*sync completed after .*: listed 5/).waitFor();
    expect(await console.results.getByText('sync is running').count()).toBe(0);
    await console.row('Background jobs', 'sync').getByText('success').waitFor();
    await setFaults(system, {});
    await expectNoFailure();
  });

  it('says that a followed run failed, and why', async () => {
    await setFaults(system, { latency_ms: 3_500, outage: true });
    await runSync();

    await console.results.getByText('sync is running since').waitFor();
    await console.results
      .getByRole('alert')
      .getByText(/Failed\..*sync unavailable after/)
      .waitFor({ timeout: 40_000 });
    await setFaults(system, {});
    expect(await console.close()).toEqual([]);
  });

  it('takes the 504 of a load balancer for no verdict, finds the run that goes on, and says how it ended', async () => {
    await setFaults(system, { latency_ms: PORTAL_LATENCY_MS });
    await console.page.route('**/admin/sync', async (route: Route) => {
      // The call has reached the API, and its answer nobody.
      void admin.start('/sync').catch(() => undefined);
      await waitUntil(async () => {
        const [sync] = (await admin.get('/jobs')).body.jobs as { lease: unknown }[];
        return sync?.lease !== null;
      });
      await route.fulfill(GATEWAY_TIMEOUT);
    });
    await runSync();

    const unknown = console.results.getByText('with status 504. It may be running all the same');
    const running = console.results.getByText('sync is running');
    await unknown.or(running).first().waitFor();
    await console.results.getByText(/Done\..*sync completed after .*: listed 5/).waitFor();
    await setFaults(system, {});
    await expectNoFailure(/status of 504/);
  });

  it('says that it does not know, and never that it failed, when no run is to be seen after a 502', async () => {
    await console.page.route('**/admin/cleanup', (route) =>
      route.fulfill({ ...GATEWAY_TIMEOUT, status: 502 }),
    );
    await console.page.getByRole('button', { name: 'Run cleanup now' }).click();
    await console.dialog.getByRole('button', { name: 'Run cleanup' }).click();

    const unknown = console.results.getByRole('alert');
    await unknown.waitFor();
    expect(await unknown.textContent()).toMatch(
      /^Unknown\. Run cleanup: .* with status 502\. It may be running/,
    );
    await expectNoFailure(/status of 502/);
  });

  it('does not know whether the jobs were frozen when a proxy answers, and says so', async () => {
    await console.page.route('**/admin/jobs/runner', (route) => route.fulfill(GATEWAY_TIMEOUT));
    await console.page.getByRole('button', { name: 'Freeze the jobs' }).click();
    await console.dialog.getByLabel('Why?').fill('a test');
    await console.dialog.getByRole('button', { name: 'Freeze' }).click();

    await console.results.getByText('It may have happened all the same').waitFor();
    expect(await console.results.textContent()).toMatch(/^Unknown\. /);
    await expectNoFailure(/status of 504/);
  });
});
