import { readFileSync } from 'node:fs';
import type { Browser, Route } from 'playwright-core';
import { startLocalSystem, type LocalSystem } from '../../../local/local-system';
import { waitUntil } from '../../local/wait-until';
import { ConsolePage, consoleUrl, startBrowser } from './console-page';
import { describeInBrowser } from './find-chromium';

/*
 * What the console asks for before it shows anything, and how it looks to those who see it and to those who do not.
 */

jest.setTimeout(60_000);

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let system: LocalSystem;
let console: ConsolePage;

describeInBrowser('the console, to people', () => {
  beforeAll(async () => {
    [browser, system] = await Promise.all([
      startBrowser(),
      startLocalSystem({ sandboxCount: 30, apiTaskCount: 1 }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await system.stop();
  });

  async function expectNoFaults(allowed?: RegExp): Promise<void> {
    expect(await console.close(allowed)).toEqual([]);
  }

  async function openSignedIn(options = {}): Promise<void> {
    console = await ConsolePage.open(browser, consoleUrl(system), options);
    await console.signIn(system.brokerAdminToken);
  }

  describe('the token', () => {
    it('is asked for before anything is shown, and a wrong one is refused in words', async () => {
      console = await ConsolePage.open(browser, consoleUrl(system));
      await console.type('a-wrong-token');
      const error = console.page.getByRole('alert').filter({ hasText: 'does not know this token' });
      await error.waitFor();

      expect(await error.textContent()).toMatch(/\(request [\w-]+\)/);
      expect(await console.page.locator('#board').isVisible()).toBe(false);
      await console.type(system.brokerApiToken);
      await console.page.getByText('This is no admin token').waitFor();
      expect(await console.page.getByLabel('Admin token').inputValue()).toBe('');
      await expectNoFaults(/status of 40[13]/);
    });

    it('is kept nowhere but in memory, and gone after a reload', async () => {
      await openSignedIn();
      const { page, context } = console;
      const kept = await page.evaluate(() =>
        JSON.stringify([
          Object.entries(localStorage),
          Object.entries(sessionStorage),
          document.cookie,
          location.href,
          document.documentElement.outerHTML,
          [...document.querySelectorAll('input')].map(({ value }) => value),
        ]),
      );

      expect(kept).not.toContain(system.brokerAdminToken);
      expect(JSON.stringify(await context.storageState())).not.toContain(system.brokerAdminToken);
      expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
      await page.reload();
      await page.getByLabel('Admin token').waitFor();
      expect(await page.locator('#board').isVisible()).toBe(false);
      await expectNoFaults();
    });

    it('is forgotten at the press of a button, and what was shown with it', async () => {
      await openSignedIn();
      const asked: string[] = [];
      await console.page.getByRole('button', { name: 'Forget the token' }).click();
      console.page.on('request', (request) => asked.push(request.url()));

      expect(await console.page.getByLabel('Admin token').inputValue()).toBe('');
      expect(await console.page.locator('#board').isVisible()).toBe(false);
      expect(await console.page.locator('#sandboxes').textContent()).toBe('');
      await console.page.waitForTimeout(500);
      expect(asked).toEqual([]);
      await expectNoFaults();
    });

    it('leaves nothing that comes after it was forgotten, and a late refusal ends no later board', async () => {
      await openSignedIn();
      const { page } = console;
      // Holds back what the first board asked for.
      const held: Route[] = [];
      let isHolding = true;
      await page.route(/\/admin\/(cleanup|sandboxes)/, async (route) => {
        if (isHolding) held.push(route);
        else await route.continue();
      });
      await page.getByRole('button', { name: 'Refresh' }).click();
      await page.getByRole('button', { name: 'Run cleanup now' }).click();
      await console.dialog.getByRole('button', { name: 'Run cleanup' }).click();
      await waitUntil(() => Promise.resolve(held.length === 2));
      await page.getByRole('button', { name: 'Forget the token' }).click();
      isHolding = false;
      expect(await page.locator('body').getAttribute('aria-busy')).toBeNull();
      expect(await console.dialog.count()).toBe(0);
      await console.signIn(system.brokerAdminToken);
      const answers = held.map((route) => page.waitForResponse((it) => it.request() === route.request()));
      for (const route of held) await route.fulfill({ status: 401, json: {} });
      await Promise.all(answers);
      await page.getByRole('button', { name: 'Refresh' }).click();
      await page.waitForTimeout(500);

      expect(await page.locator('#board').isVisible()).toBe(true);
      expect(await console.results.textContent()).toBe('');
      await expectNoFaults(/status of 401/);
    });

    it('is asked for again when it stops being valid', async () => {
      await openSignedIn();
      await console.page.route('**/v1/admin/**', (route) =>
        route.fulfill({
          status: 401,
          contentType: 'application/json',
          body: '{"error":{"code":"UNAUTHORIZED","message":"no","request_id":"r-1"}}',
        }),
      );
      await console.page.getByRole('button', { name: 'Refresh' }).click();

      await console.page
        .getByText('The API does not know this token. (request r-1) Type it again.')
        .waitFor();
      expect(await console.page.locator('#board').isVisible()).toBe(false);
      await expectNoFaults(/status of 401/);
    });
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    it.each([1280, 360])(
      'has no fault that axe finds, and no sideways scrolling, %i pixels wide',
      async (width) => {
        await openSignedIn({ colorScheme, width });
        const { page } = console;
        expect(await console.sidewaysScroll()).toBe(0);
        // Not as a script of the page: its security policy would refuse that.
        await page.evaluate(AXE);
        expect(await axeViolations()).toEqual([]);
        await page.getByRole('button', { name: 'Freeze the jobs' }).click();
        await console.dialog.waitFor();
        expect(await axeViolations()).toEqual([]);
        await expectNoFaults();
      },
    );
  });

  async function axeViolations(): Promise<string[]> {
    return console.page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
    });
  }
});
