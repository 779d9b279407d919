import type { Browser } from 'playwright-core';
import { harmless } from '../../../app/console/model/phrase';
import { startLocalSystem, type LocalSystem } from '../../../local/local-system';
import { waitUntil } from '../../local/wait-until';
import { Admin, portalDeletions, setFaults } from '../support/admin-client';
import { closeConnections, Track } from '../support/broker-client';
import { ConsolePage, consoleUrl, startBrowser } from './console-page';
import { describeInBrowser } from './find-chromium';

/*
 * The console as people use it: in a browser, against a whole system. No worker runs: nothing happens that the test does
 * not ask for.
 */

jest.setTimeout(60_000);

/** Ends an isolation, turns what follows around, and has a letter that runs from right to left. */
const TURNING_NAME = 'lab \u2069\u202egnihtyna seteled rof ש ';

let browser: Browser;
let system: LocalSystem;
let admin: Admin;
let track: Track;
let console: ConsolePage;

describeInBrowser('the console', () => {
  beforeAll(async () => {
    [browser, system] = await Promise.all([
      startBrowser(),
      startLocalSystem({
        sandboxCount: 60,
        apiTaskCount: 1,
        environment: { DELETION_RETRY_MAX_ATTEMPTS: '1' },
      }),
    ]);
    admin = new Admin(system);
    track = new Track([consoleUrl(system)], system.brokerApiToken);
  });

  afterAll(async () => {
    closeConnections();
    await browser.close();
    await system.stop();
  });

  /** No test leaves a fault. A call that the API refuses is one to a browser: those may be named. */
  async function expectNoFaults(allowed?: RegExp): Promise<void> {
    expect(await console.close(allowed)).toEqual([]);
  }

  async function openSignedIn(options = {}): Promise<void> {
    console = await ConsolePage.open(browser, consoleUrl(system), options);
    await console.signIn(system.brokerAdminToken);
  }

  describe('the pool', () => {
    it('is counted, and drawn with what students do', async () => {
      await openSignedIn();
      await console.page.getByText('the one API process').waitFor();
      for (let count = 0; count < 6; count += 1) await track.allocate(`chart-${count}`);

      await waitUntil(async () => (await console.tile('allocated').textContent()) === '6');
      await waitUntil(
        async () => (await console.page.locator('#chart-latency').textContent())?.includes(' ms') === true,
      );
      const label = await console.page.locator('#chart-allocations svg').first().getAttribute('aria-label');
      expect(label).toMatch(/^Now: given [1-9]/);
      expect(await console.page.locator('#chart-status svg').first().getAttribute('aria-label')).toContain(
        'allocated 6',
      );
      await expectNoFaults();
    });
  });

  describe('the sandboxes', () => {
    it('are paged through to the end and back', async () => {
      await openSignedIn();
      const total = (await admin.listAll()).length;
      const first = await console.sandboxNames();
      const seen = [...first];
      const next = console.page.getByRole('button', { name: 'Next' });
      for (let number = 2; await next.isEnabled(); number += 1) {
        await next.click();
        await console.page.getByText(`Page ${number}`).waitFor();
        seen.push(...(await console.sandboxNames()));
      }

      expect(new Set(seen).size).toBe(total);
      expect(seen).toHaveLength(total);
      await console.page.getByRole('button', { name: 'Previous' }).click();
      await console.page.getByText('Page 2').waitFor();
      await console.page.getByRole('button', { name: 'Previous' }).click();
      await console.page.getByText('Page 1').waitFor();
      expect(await console.sandboxNames()).toEqual(first);
      await expectNoFaults();
    });

    it('are found by status, caller, beginning of the name and id', async () => {
      const { body } = await track.allocate('finder/with #signs');
      await openSignedIn();
      const { page } = console;
      const only = async (names: unknown[]): Promise<void> => {
        await waitUntil(async () => JSON.stringify(await console.sandboxNames()) === JSON.stringify(names));
      };

      await page.getByLabel('Caller').fill('finder/with #signs');
      await page.getByRole('button', { name: 'Show' }).click();
      await only([body.name]);
      await page.getByLabel('Status').selectOption('stale');
      await page.getByText('No sandbox fits.').waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      await waitUntil(async () => (await console.sandboxNames()).length === 25);
      await page.getByLabel('Name begins with').fill(String(body.name));
      await page.getByLabel('Name begins with').press('Enter');
      await only([body.name]);
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByLabel('Sandbox id').fill(String(body.sandbox_id));
      await page.getByRole('button', { name: 'Show' }).click();
      await only([body.name]);
      expect(await page.locator('#sandboxes').textContent()).toContain('finder/with #signs');
      await expectNoFaults();
    });

    it('says that an id is nobody’s, without a fuss', async () => {
      await openSignedIn();
      await console.page.getByLabel('Sandbox id').fill('no such/id');
      await console.page.getByRole('button', { name: 'Show' }).click();
      await console.page.getByText('No sandbox fits.').waitFor();
      await expectNoFaults(/status of 404/);
    });

    it('shows hostile names as text, and lets none of them reach beyond itself', async () => {
      const prefixes = [
        '<script>window.pwned=1</script>',
        '<img src=x onerror=window.pwned=2>',
        '"><svg onload=window.pwned=3>{{7*7}}${7*7}',
        '\u202egnp.exe\u2066',
        'W'.repeat(250),
      ];
      for (const name_prefix of prefixes) {
        await fetch(`${system.cspUrl}/simulator/accounts`, {
          method: 'POST',
          body: JSON.stringify({ count: 1, name_prefix }),
        });
      }
      expect((await admin.post('/sync')).body).toMatchObject({ added: prefixes.length });
      await openSignedIn({ width: 360 });
      const { page } = console;
      for (const prefix of prefixes) {
        await page.getByLabel('Name begins with').fill(prefix);
        await page.getByLabel('Name begins with').press('Enter');
        await waitUntil(async () => {
          const names = await console.sandboxNames();
          return names.length === 1 && names[0]?.startsWith(harmless(prefix)) === true;
        });
        expect(await page.locator('#sandboxes script, #sandboxes img, #sandboxes svg').count()).toBe(0);
        expect(await page.locator('#sandboxes tbody th bdi').count()).toBe(1);
        expect(await console.sidewaysScroll()).toBe(0);
      }
      expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
      await expectNoFaults();
    });
  });

  it('asks in its own words, whatever the name is that it asks about', async () => {
    await openSignedIn();
    const { page } = console;
    const sandbox = {
      sandbox_id: TURNING_NAME,
      name: TURNING_NAME,
      status: 'deletion_failed',
      allocated_to_track: TURNING_NAME,
      track_name: null,
      deletion_requested_at: 1,
      deletion_given_up: true,
    };
    await page.route('**/admin/sandboxes?*', (route) =>
      route.fulfill({ json: { sandboxes: [sandbox], cursor: null } }),
    );
    await page.route('**/retry-deletion', (route) => route.fulfill({ json: {} }));
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('button', { name: 'Retry the deletion of' }).click();
    const paragraph = console.dialog.locator('#confirmation-text p');
    const shown = harmless(TURNING_NAME);

    expect(await paragraph.locator('bdi').allTextContents()).toEqual([shown, shown]);
    expect(await console.dialog.locator('h2 bdi').allTextContents()).toEqual([shown]);
    expect(await paragraph.evaluate(wordsInReadingOrder)).toMatch(
      /^Sandbox .* is put in line again with all its attempts\. The next cleanup deletes its account/,
    );
    await console.dialog.getByRole('button', { name: 'Retry the deletion' }).click();
    const done = console.results.getByRole('status');
    await done.waitFor();
    expect(await done.locator('bdi').allTextContents()).toEqual([shown]);
    expect(await page.locator('body').evaluate(({ outerHTML }) => outerHTML)).not.toMatch(
      /[\u202a-\u202e\u2066-\u2069]/,
    );
    await expectNoFaults();
  });

  describe('the actions', () => {
    it('run a job, after saying what it does, and tell what it did', async () => {
      await openSignedIn();
      const { page } = console;
      const run = page.getByRole('button', { name: 'Run sync now' });
      await run.click();
      expect(await console.dialog.textContent()).toContain('reads the portal’s list');
      const before = (await admin.get('/jobs')).body;
      await console.dialog.getByRole('button', { name: 'Cancel' }).click();
      expect((await admin.get('/jobs')).body).toEqual(before);
      expect(await run.evaluate((button) => button === document.activeElement)).toBe(true);

      await run.click();
      await console.dialog.getByRole('button', { name: 'Run sync' }).click();
      await console.results.getByText(/sync completed after .*: listed \d+/).waitFor();
      await console.row('Background jobs', 'sync').getByText('success').waitFor();
      await expectNoFaults();
    });

    it.each(['cleanup', 'auto-delete-stale'])('run %s', async (job) => {
      await openSignedIn();
      await console.page.getByRole('button', { name: `Run ${job} now` }).click();
      await console.dialog.getByRole('button', { name: `Run ${job}` }).click();
      await console.results.getByText(`${job} completed`).waitFor();
      await expectNoFaults();
    });

    it('show a portal that is down, why, and which runbook says what to do', async () => {
      await setFaults(system, { outage: true });
      await openSignedIn();
      await console.page.getByRole('button', { name: 'Run sync now' }).click();
      await console.dialog.getByRole('button', { name: 'Run sync' }).click();
      const failure = console.results.getByRole('alert');
      await failure.waitFor();

      expect(await failure.textContent()).toMatch(/Failed\..*\(request [\w-]+\)/);
      const finding = console.page.locator('#findings li', { hasText: 'Job sync ended “unavailable”' });
      await finding.waitFor();
      expect(await finding.textContent()).toContain('docs/runbooks/portal-circuit-open.md');
      await setFaults(system, {});
      await expectNoFaults(/status of 503/);
    });

    it('freeze the jobs for a reason, and resume them, by keyboard alone', async () => {
      await openSignedIn();
      const { page } = console;
      const { keyboard } = page;
      const focused = (): Promise<string> =>
        page.evaluate(
          () => document.activeElement?.getAttribute('data-key') ?? document.activeElement?.id ?? '',
        );
      const tabTo = async (key: string): Promise<void> => {
        for (let presses = 0; (await focused()) !== key; presses += 1) {
          if (presses > 40) throw new Error(`Tab does not lead to ${key}`);
          await keyboard.press('Tab');
        }
      };
      await tabTo('runner');
      await keyboard.press('Enter');
      await console.dialog.waitFor();
      expect(await focused()).toBe('reason');
      await keyboard.press('Enter');
      await console.dialog.getByText('Please say why.').waitFor();
      await keyboard.press('Escape');
      await console.dialog.waitFor({ state: 'hidden' });
      expect((await admin.get('/jobs')).body.runner).toMatchObject({ runner: 'worker' });

      expect(await focused()).toBe('runner');
      await keyboard.press('Enter');
      await keyboard.type('portal <b>maintenance</b>');
      await keyboard.press('Enter');
      await page.getByRole('button', { name: 'Resume the jobs' }).waitFor();
      expect((await admin.get('/jobs')).body.runner).toMatchObject({
        runner: 'none',
        reason: 'portal <b>maintenance</b>',
      });
      await page.locator('#findings').getByText('portal <b>maintenance</b>').waitFor();

      await tabTo('runner');
      await keyboard.press('Enter');
      await keyboard.type('over');
      await tabTo('confirmation-agree');
      await keyboard.press('Space');
      await page.getByRole('button', { name: 'Freeze the jobs' }).waitFor();
      expect((await admin.get('/jobs')).body.runner).toMatchObject({ runner: 'worker', reason: 'over' });
      await expectNoFaults();
    });

    it('retry a deletion that was given up', async () => {
      const { body } = await track.allocate('retry');
      const id = String(body.sandbox_id);
      await setFaults(system, { failing_accounts: [id] });
      await track.markForDeletion('retry', id);
      // A second one that can be deleted proves that the portal itself is well.
      const other = await track.allocate('retry-other');
      await track.markForDeletion('retry-other', other.body.sandbox_id);
      await admin.post('/cleanup');
      await setFaults(system, {});

      await openSignedIn();
      await console.page.locator('#findings').getByText('1 deletion was given up').waitFor();
      await console.page.getByLabel('Status').selectOption('deletion_failed');
      await console.page.getByRole('button', { name: `Retry the deletion of ${id}` }).click();
      expect(await console.dialog.textContent()).toContain(String(body.name));
      await console.dialog.getByRole('button', { name: 'Retry the deletion' }).click();
      await console.results.getByText(`Sandbox ${id} waits for the next cleanup.`).waitFor();
      await console.page.getByText('No sandbox fits.').waitFor();

      await admin.post('/cleanup');
      expect((await portalDeletions(system)).at(-1)).toMatchObject({
        csp_id: Number(id),
        outcome: 'deleted',
      });
      await expectNoFaults();
    });
  });
});

/** The letters of an element as an eye meets them: line by line, from left to right. Runs in the page. */
function wordsInReadingOrder(parent: Element): string {
  const letters: { letter: string; x: number; y: number }[] = [];
  const walker = document.createTreeWalker(parent, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent ?? '';
    for (let index = 0; index < text.length; index += 1) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + 1);
      const { left, top, height } = range.getBoundingClientRect();
      letters.push({ letter: text[index] ?? '', x: left, y: Math.round((top + height / 2) / 10) });
    }
  }
  letters.sort((one, other) => one.y - other.y || one.x - other.x);
  return letters
    .map(({ letter }) => letter)
    .join('')
    .replaceAll(/\s+/g, ' ');
}
