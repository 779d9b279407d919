import type { Browser, Page } from 'playwright-core';
import { startLocalSystem, type LocalSystem } from '../../../local/local-system';
import { startBrowser } from './console-page';
import { describeInBrowser } from './find-chromium';

/*
 * The page about the API, from the bundle that is shipped, in a real browser.
 */

jest.setTimeout(120_000);

describeInBrowser('the page about the API', () => {
  let system: LocalSystem;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  let hosts: Set<string>;

  beforeAll(async () => {
    system = await startLocalSystem({ sandboxCount: 3, apiTaskCount: 1 });
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await system.stop();
  });

  async function open(options: { colorScheme?: 'light' | 'dark'; width?: number } = {}): Promise<void> {
    const { colorScheme = 'light', width = 1280 } = options;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    faults = [];
    hosts = new Set();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) hosts.add(new URL(request.url()).host);
    });
    await page.goto(`${url()}/v1/docs`);
    await page.getByText('Get a sandbox').waitFor();
  }

  function url(): string {
    return system.apis[0]?.url ?? '';
  }

  afterEach(async () => {
    await page.context().close();
  });

  it('shows every call, with nothing from another host and no fault of the security policy', async () => {
    await open();

    for (const path of ['/allocate', '/sandboxes/{id}/mark-for-deletion', '/admin/jobs/runner', '/metrics']) {
      expect(await page.locator(`[data-path="${path}"]`).count()).toBeGreaterThan(0);
    }
    expect([...hosts]).toEqual([new URL(url()).host]);
    expect(faults).toEqual([]);
  });

  it('makes a call with a token that was typed in', async () => {
    await open();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.locator('.auth-container input').first().fill(system.brokerApiToken);
    await page.locator('.auth-btn-wrapper button.authorize').first().click();
    await page.locator('.btn-done').first().click();
    const allocate = page.locator('#operations-Sandboxes-allocate');
    await allocate.locator('.opblock-summary-control').click();
    await allocate.getByRole('button', { name: 'Try it out' }).click();
    await allocate.locator('[data-param-name="X-Instruqt-Sandbox-ID"] input').fill('reader of the docs');
    await allocate.getByRole('button', { name: 'Execute' }).click();

    const answer = await allocate.locator('.live-responses-table .response-col_status').last().textContent();

    expect(answer).toContain('201');
    expect(faults).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('is %s where the system is, and fits a phone', async (colorScheme) => {
    await open({ colorScheme, width: 360 });

    const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const brightness = background === 'rgba(0, 0, 0, 0)' ? 255 : Number(/\d+/.exec(background)?.[0]);
    expect(brightness < 128).toBe(colorScheme === 'dark');
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(faults).toEqual([]);
  });
});
