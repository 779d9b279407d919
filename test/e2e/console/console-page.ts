import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import type { LocalSystem } from '../../../local/local-system';
import { findChromium } from './find-chromium';

/** Starts the browser of these tests. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // As root, in a container, Chromium cannot make its sandbox. It opens nothing here but our own page.
    args: ['--no-sandbox'],
  });
}

export interface ConsolePageOptions {
  colorScheme?: 'light' | 'dark';
  width?: number;
}

/** The console in a browser, and everything that went wrong in it. */
export class ConsolePage {
  /** Errors and warnings of the browser's console, violations of the security policy among them. */
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  /** Opens the page in a context of its own: nothing is left of other tests. */
  static async open(browser: Browser, url: string, options: ConsolePageOptions = {}): Promise<ConsolePage> {
    const { colorScheme = 'light', width = 1280 } = options;
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const opened = new ConsolePage(page, context, url);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) opened.faults.push(message.text());
    });
    page.on('pageerror', (error) => opened.faults.push(String(error)));
    await page.goto(`${url}/console`);
    return opened;
  }

  /** Types a token and waits for nothing. */
  async type(token: string): Promise<void> {
    await this.page.getByLabel('Admin token').fill(token);
    await this.page.getByRole('button', { name: 'Open' }).click();
  }

  /** Types the token and waits until every part is there. */
  async signIn(token: string): Promise<void> {
    await this.type(token);
    await this.tile('available').waitFor();
    await this.row('Background jobs', 'cleanup').waitFor();
    await this.page.locator('#paging').getByText('Page 1').waitFor();
  }

  /** The number that a tile shows. */
  tile(title: string): Locator {
    return this.page.locator('.tile', { has: this.page.getByText(title, { exact: true }) }).locator('b');
  }

  /** The row of a table by what stands first in it. */
  row(caption: string, name: string): Locator {
    return this.page
      .getByRole('table', { name: caption })
      .getByRole('row')
      .filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
  }

  /** The names of the sandboxes that are shown. */
  async sandboxNames(): Promise<string[]> {
    return this.page.locator('#sandboxes tbody th').allTextContents();
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** What became of actions. */
  get results(): Locator {
    return this.page.locator('#results');
  }

  /** Closes it, and tells what went wrong in it, but for what the test has brought about itself. */
  async close(allowed = /^$/): Promise<string[]> {
    await this.context.close();
    return this.faults.filter((fault) => !allowed.test(fault));
  }

  /** By how many pixels the page is wider than the window. */
  async sidewaysScroll(): Promise<number> {
    return this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  }
}

/** Where the console of a local system is. */
export function consoleUrl(system: Pick<LocalSystem, 'apis'>): string {
  return system.apis[0]?.url ?? '';
}
