import type { Browser } from 'playwright-core';
import { startLocalSystem, type LocalSystem } from '../../../local/local-system';
import { ConsolePage, consoleUrl, startBrowser } from './console-page';
import { describeInBrowser } from './find-chromium';

/*
 * The limit of 30 minutes on a machine that slept: no timer has run when the page is revived.
 */

jest.setTimeout(60_000);

const LATE_MS = 31 * 60_000;

let browser: Browser;
let system: LocalSystem;
let console: ConsolePage;

/** How the clocks of the page move. The time of day counts during sleep; the monotonic clock may stand still. */
interface Jump {
  timeOfDayMs: number;
  monotonicMs: number;
}

const SLEEP: Jump = { timeOfDayMs: LATE_MS, monotonicMs: 0 };
const SET_BACK: Jump = { timeOfDayMs: -10 * LATE_MS, monotonicMs: LATE_MS };

/** What revives the page, within the same task as the jump: nothing else can come first. Runs in the page. */
type Revival = 'click' | 'click alone' | 'key' | 'page show' | 'visibility' | 'agreement' | 'nothing';

/** Moves both clocks, notes all that is sent from then on, and revives the page. Runs in the page. */
function jumpAndRevive({ jump, revival }: { jump: Jump; revival: Revival }): void {
  const { now: timeOfDay } = Date;
  const monotonic = performance.now.bind(performance);
  Date.now = () => timeOfDay() + jump.timeOfDayMs;
  performance.now = () => monotonic() + jump.monotonicMs;
  const sent: string[] = [];
  const send = window.fetch.bind(window);
  window.fetch = (input, init) => {
    sent.push(String(input instanceof Request ? input.url : input));
    return send(input, init);
  };
  Object.assign(window, { sent });
  const press = (selector: string): void => {
    const target = document.querySelector<HTMLElement>(selector);
    target?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true }));
    target?.click();
  };
  const revive: Record<Revival, () => void> = {
    click: () => {
      press('[data-key=refresh]');
    },
    'click alone': () => {
      document.querySelector<HTMLElement>('[data-key=refresh]')?.click();
    },
    key: () => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
    },
    'page show': () => {
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    },
    visibility: () => {
      document.dispatchEvent(new Event('visibilitychange'));
    },
    agreement: () => {
      press('#confirmation-agree');
    },
    nothing: () => undefined,
  };
  revive[revival]();
}

describeInBrowser('the limit of 30 minutes', () => {
  beforeAll(async () => {
    [browser, system] = await Promise.all([
      startBrowser(),
      startLocalSystem({ sandboxCount: 5, apiTaskCount: 1 }),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await system.stop();
  });

  beforeEach(async () => {
    console = await ConsolePage.open(browser, consoleUrl(system));
    await console.signIn(system.brokerAdminToken);
  });

  async function revive(jump: Jump, revival: Revival): Promise<void> {
    await console.page.evaluate(jumpAndRevive, { jump, revival });
  }

  async function expectForgotten(): Promise<void> {
    const { page } = console;
    await page.getByText('Nobody was here for 30 minutes, so the token was forgotten.').waitFor();
    expect(await page.locator('#board').isVisible()).toBe(false);
    expect(await page.locator('#sandboxes').textContent()).toBe('');
    expect(await page.getByRole('dialog').count()).toBe(0);
    // What a poll would have brought is not asked for either.
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => (window as unknown as { sent: string[] }).sent)).toEqual([]);
  }

  const REVIVALS: Revival[] = ['click', 'click alone', 'key', 'page show', 'visibility', 'nothing'];

  it.each(REVIVALS)('is over after a sleep, before anything is sent; revived by: %s', async (revival) => {
    await revive(SLEEP, revival);

    await expectForgotten();
    expect(await console.close()).toEqual([]);
  });

  it.each(['click', 'nothing'] as const)(
    'is not put off by a clock that is set back; revived by: %s',
    async (revival) => {
      await revive(SET_BACK, revival);

      await expectForgotten();
      expect(await console.close()).toEqual([]);
    },
  );

  it('lets nobody agree to what somebody else was asked before the sleep', async () => {
    await console.page.getByRole('button', { name: 'Run sync now' }).click();
    await console.dialog.waitFor();

    await revive(SLEEP, 'agreement');

    await expectForgotten();
    expect(await console.close()).toEqual([]);
  });

  it('shows no answer that was under way when the machine fell asleep', async () => {
    const { page } = console;
    let asleep = (): void => undefined;
    const answering = new Promise<void>((resolve) => {
      asleep = resolve;
    });
    await page.route('**/admin/sandboxes?*', async (route) => {
      await answering;
      await route.continue();
    });
    const asked = page.waitForRequest('**/admin/sandboxes?*');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await asked;
    await revive(SLEEP, 'nothing');

    asleep();

    await expectForgotten();
    expect(await console.close()).toEqual([]);
  });

  it('holds for a token that was typed and never sent', async () => {
    const { page } = console;
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByLabel('Admin token').fill(system.brokerAdminToken);

    await revive(SLEEP, 'visibility');

    await expectForgotten();
    expect(await page.getByLabel('Admin token').inputValue()).toBe('');
    expect(await console.close()).toEqual([]);
  });

  it('begins anew with a token that is typed after it was over', async () => {
    await revive(SLEEP, 'click');
    await expectForgotten();

    await console.signIn(system.brokerAdminToken);
    await console.page.getByRole('button', { name: 'Refresh' }).click();

    expect(await console.page.locator('#board').isVisible()).toBe(true);
    expect(await console.close()).toEqual([]);
  });
});
