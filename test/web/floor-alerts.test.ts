import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AlertHandling, CallAlert } from '../../src/protocol/index.ts';
import { handledState } from '../../src/protocol/index.ts';
import { DeskServer, forgetBuiltPage } from './desk-server.ts';
import { floorAlert, floorCall } from './fixtures.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage } from './page.ts';

let browser: Browser;
let desk: DeskServer;
let tab: OpenedPage | undefined;
beforeAll(async () => {
  browser = await launchChromium();
});
afterEach(async () => {
  await tab?.close();
  await desk?.close();
});
afterAll(async () => {
  await browser?.close();
  await forgetBuiltPage();
});

const ALERTED = floorCall('c-1', { alerts: [floorAlert({ alertId: 'c-1:17' })], urgency: 0.9 });

async function open(options: OpenOptions = {}, calls = [ALERTED, floorCall('c-2')]): Promise<Page> {
  desk = await DeskServer.start();
  handleAlerts();
  desk.setFloor(calls);
  tab = await openPage(browser, desk.url, { reducedMotion: true, ...options });
  await tab.page.getByText(/^\d+ live calls?$/).waitFor();
  return tab.page;
}

/** Answers as the desk does, but tells the floor nothing: what the page shows is of the answer. */
function handleAlerts(): void {
  const handling: AlertHandling[] = [];
  desk.on('POST', /^\/v1\/alerts\/([^/]+)$/, ({ body, groups }) => {
    handling.push({ ...(body as AlertHandling), at: new Date().toISOString() });
    const alert: CallAlert = {
      alertId: groups[0]!,
      callId: 'c-1',
      streamId: 'c-1',
      rule: 'customer-anger',
      severity: 'high',
      atMs: 47_000,
      sinceMs: 41_000,
      evidence: [],
      raisedAt: new Date().toISOString(),
      clearedMs: null,
      handling,
      ...handledState(handling),
    };
    return { json: alert };
  });
}

const call = (page: Page, callId = 'c-1'): Locator =>
  page.getByRole('article', { name: `Call ${callId}`, exact: true });
const action = (page: Page, name: string): Locator =>
  call(page).getByRole('button', { name: `${name}: customer-anger`, exact: true });
const asked = (): unknown[] =>
  desk.requests.filter(({ method }) => method === 'POST').map(({ path, body }) => ({ path, body }));

describe('alerts on the floor', () => {
  it('ask for the name once, keep it, and are done in it', async () => {
    const page = await open();
    await action(page, 'Take').click();
    const name = page.getByRole('dialog', { name: 'Your name' });
    await name.getByLabel('Name').fill('  Zoë Ångström ');
    await page.keyboard.press('Enter');
    await page.getByText('customer-anger is yours.').waitFor();
    expect(asked()).toEqual([{ path: '/v1/alerts/c-1%3A17', body: { action: 'take', by: 'Zoë Ångström' } }]);
    expect(await call(page).textContent()).toContain('yours');
    await action(page, 'Acknowledge').click();
    await page.getByText('customer-anger is acknowledged.').waitFor();
    expect(await name.count()).toBe(0);
    await page.reload();
    await action(page, 'Acknowledge').click();
    await page.getByText('customer-anger is acknowledged.').waitFor();
    expect(desk.requests.at(-1)?.headers['x-undertone-by']).toBe(encodeURIComponent('Zoë Ångström'));
  });

  it('do nothing when the name is not told', async () => {
    const page = await open();
    await action(page, 'Acknowledge').click();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(asked()).toEqual([]);
    expect(await action(page, 'Acknowledge').isEnabled()).toBe(true);
    // And the focus is where it was.
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
      'Acknowledge: customer-anger',
    );
  });

  it('can be snoozed, marked as wrong, and opened again; what waits is counted', async () => {
    const page = await open({ stored: { 'undertone.name': 'Ada' } });
    await expect.poll(() => page.title()).toBe('(1) Floor · Undertone');
    const before = Date.now();
    await action(page, 'Snooze for 5 minutes').click();
    await page.getByText(/customer-anger is snoozed until \d\d:\d\d\./).waitFor();
    const { body } = desk.requests.at(-1)! as { body: { until: string } };
    expect(Date.parse(body.until) - before).toBeGreaterThanOrEqual(300_000);
    expect(Date.parse(body.until) - before).toBeLessThan(360_000);
    await expect.poll(() => page.title()).toBe('Floor · Undertone');
    await call(page).hover();
    await action(page, 'Open again').click();
    await expect.poll(() => page.title()).toBe('(1) Floor · Undertone');
    await action(page, 'Mark as wrong').click();
    await expect.poll(() => page.title()).toBe('Floor · Undertone');
    expect(await call(page).textContent()).toContain('marked wrong');
    await call(page).hover();
    await action(page, 'Open again').click();
    await expect.poll(() => action(page, 'Take').count()).toBe(1);
  });

  it('say what the server says when it will not', async () => {
    const page = await open({ stored: { 'undertone.name': 'Ada' } });
    desk.on('POST', /^\/v1\/alerts\//, () => ({ error: 'shutting-down' }));
    await action(page, 'Take').click();
    await page.getByText('The server is shutting down; connect again in a moment.').waitFor();
    expect(await action(page, 'Take').isEnabled()).toBe(true);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByText('The server is shutting down').count()).toBe(0);
  });

  it('are sent once however often the button is pressed', async () => {
    const page = await open({ stored: { 'undertone.name': 'Ada' } });
    let sent = 0;
    desk.on('POST', /^\/v1\/alerts\//, async () => {
      sent += 1;
      await new Promise((resolve) => setTimeout(resolve, 400));
      return { error: 'internal' };
    });
    await action(page, 'Take').dblclick();
    await page.getByText('Something failed inside the server').waitFor();
    expect(sent).toBe(1);
  });

  it('show the one that waits, and all of them behind the number', async () => {
    const page = await open({ stored: { 'undertone.name': 'Ada' } }, [
      floorCall('c-1', {
        alerts: [
          floorAlert({ alertId: 'c-1:1', acknowledged: true }),
          floorAlert({ alertId: 'c-1:2', rule: 'long-silence', severity: 'low' }),
        ],
      }),
    ]);
    expect(await call(page).locator('.severity').textContent()).toContain('long-silence');
    await call(page).getByRole('button', { name: '+1 more alerts of call c-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Alerts of c-1' });
    expect(await dialog.getByRole('listitem').count()).toBe(2);
    await dialog.getByRole('button', { name: '60 min' }).first().click();
    await expect.poll(() => asked().length).toBe(1);
    const { body } = desk.requests.at(-1)! as { body: { until: string } };
    expect(Date.parse(body.until) - Date.now()).toBeGreaterThan(59 * 60_000);
  });

  it('have all their actions on a phone too, behind the three dots', async () => {
    const page = await open({ stored: { 'undertone.name': 'Ada' }, width: 390, height: 844, touch: true });
    expect(await action(page, 'Take').isVisible()).toBe(true);
    expect(await action(page, 'Mark as wrong').isVisible()).toBe(false);
    await call(page).getByRole('button', { name: 'More for customer-anger' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Mark as wrong' }).tap();
    await expect.poll(asked).toEqual([{ path: '/v1/alerts/c-1%3A17', body: { action: 'mark-wrong', by: 'Ada' } }]);
  });

  it('by another supervisor come with the floor', async () => {
    const page = await open();
    desk.change([{ ...ALERTED, alerts: [floorAlert({ alertId: 'c-1:17', takenBy: 'Grace' })] }]);
    await expect.poll(() => call(page).textContent()).toContain('taken by Grace');
    desk.change([{ ...ALERTED, alerts: [] }]);
    await expect.poll(() => call(page).locator('.severity').count()).toBe(0);
  });
});

describe('news of alerts', () => {
  const log = (page: Page): Locator => page.getByRole('log', { name: 'New alerts' });

  /** Remembers what the page would sound and notify. */
  const WATCHED = `
    globalThis.heard = { tones: [], notes: [] };
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...when) { heard.tones.push(Math.round(this.frequency.value)); start.apply(this, when); };
    globalThis.Notification = class { static permission = 'granted'; constructor(title, { body }) { heard.notes.push(body); } close() {} };
  `;
  const heard = (page: Page): Promise<{ tones: number[]; notes: string[] }> => page.evaluate('heard');

  async function openWatched(stored: Record<string, string>): Promise<Page> {
    const page = await open({ stored });
    await page.addInitScript(WATCHED);
    await page.reload();
    await page.getByText(/^\d+ live calls?$/).waitFor();
    return page;
  }

  const raise = (callId: string, severity: 'low' | 'high' = 'high') =>
    desk.change([floorCall(callId, { alerts: [floorAlert({ alertId: `${callId}:9`, severity })] })]);

  it('are told in a live region, not those that were there before, and one at a time with pauses', async () => {
    const page = await open();
    await page.waitForTimeout(500);
    expect(await log(page).textContent()).toBe('');
    raise('c-2');
    await expect.poll(() => log(page).textContent()).toBe('New alert: customer-anger, high severity, call c-2.');
    raise('c-3', 'low');
    raise('c-4');
    await page.waitForTimeout(1_500);
    expect(await log(page).textContent()).toContain('call c-2');
    await expect
      .poll(() => log(page).textContent(), { timeout: 15_000 })
      .toBe('2 new alerts. First: customer-anger, high severity, call c-4.');
    // The same alert again is no news.
    raise('c-4');
    await page.waitForTimeout(6_000);
    expect(await log(page).textContent()).toContain('2 new alerts');
  });

  it('come by sound and by notification only where that was chosen', async () => {
    const silent = await openWatched({});
    raise('c-2');
    await expect.poll(() => log(silent).textContent()).toContain('c-2');
    expect(await heard(silent)).toEqual({ tones: [], notes: [] });
    await tab?.close();
    await desk.close();
    const loud = await openWatched({ 'undertone.sound': 'on', 'undertone.desktop': 'on' });
    raise('c-2');
    await expect
      .poll(() => heard(loud))
      .toEqual({
        tones: [880, 1319],
        notes: ['New alert: customer-anger, high severity, call c-2.'],
      });
  });

  it('are counted in the title while the page is hidden, which has no frames', async () => {
    const page = await openWatched({ 'undertone.desktop': 'on' });
    await page.evaluate(() => {
      // A hidden page's frames never come.
      globalThis.requestAnimationFrame = () => 0;
    });
    raise('c-2');
    await expect.poll(() => page.title(), { timeout: 15_000 }).toBe('(2) Floor · Undertone');
    expect((await heard(page)).notes).toHaveLength(1);
  });

  it('of several tabs one tells, and another when that is closed; hidden ones hold no connection', async () => {
    const page = await openWatched({ 'undertone.desktop': 'on' });
    const second = await page.context().newPage();
    // Its timers are the test's: half a minute hidden is over at once.
    await second.clock.install();
    await second.addInitScript(WATCHED);
    await second.goto(desk.url);
    await second.getByText(/^\d+ live calls?$/).waitFor();
    await expect.poll(() => desk.watchers).toBe(2);
    raise('c-2');
    await expect.poll(async () => (await heard(page)).notes.length).toBe(1);
    await second.clock.runFor(1_000);
    await expect.poll(() => log(second).textContent()).toContain('c-2');
    expect((await heard(second)).notes).toEqual([]);
    await second.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await second.clock.runFor(31_000);
    await expect.poll(() => desk.watchers).toBe(1);
    // The teller goes; what was hidden follows again, and tells.
    await page.close();
    await expect.poll(() => desk.watchers).toBe(1);
    await second.clock.runFor(1_000);
    raise('c-5');
    await second.clock.runFor(10_000);
    await expect.poll(async () => (await heard(second)).notes.at(-1)).toContain('c-5');
  });

  it('come on every page, and a lost connection tells none of them twice', async () => {
    const page = await openWatched({ 'undertone.desktop': 'on' });
    await page.getByRole('link', { name: 'Settings' }).click();
    raise('c-2');
    await expect.poll(async () => (await heard(page)).notes.length).toBe(1);
    desk.cutFloor();
    await expect.poll(() => desk.watchers, { timeout: 15_000 }).toBe(1);
    await page.waitForTimeout(6_000);
    expect((await heard(page)).notes).toHaveLength(1);
  });

  it('are chosen in a dialog, which sounds as they will', async () => {
    const page = await openWatched({});
    await page.getByRole('button', { name: 'Tell me of new alerts' }).click();
    await page.getByLabel(/By a sound/).check();
    await page.getByLabel(/By a notification/).check();
    expect((await heard(page)).tones).toEqual([587, 880]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Told of new alerts; change' }).waitFor();
    expect(
      await page.evaluate(() => [localStorage.getItem('undertone.sound'), localStorage.getItem('undertone.desktop')]),
    ).toEqual(['on', 'on']);
  });
});
