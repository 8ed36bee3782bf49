import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BusyFloor } from './busy-floor.ts';
import { DeskServer, forgetBuiltPage } from './desk-server.ts';
import { floorAlert, floorCall, floorLeg } from './fixtures.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings, shot } from './page.ts';

const LOOKS = [
  ['light', {}],
  ['dark', { dark: true }],
  ['phone', { width: 390, height: 844, touch: true }],
  ['phone dark', { width: 390, height: 844, touch: true, dark: true }],
] as const satisfies readonly (readonly [string, OpenOptions])[];

describe.each(LOOKS)('the floor, %s', (look, options) => {
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

  async function open(before: () => void, more: OpenOptions = {}): Promise<Page> {
    desk = await DeskServer.start();
    before();
    tab = await openPage(browser, desk.url, { reducedMotion: true, ...options, ...more });
    return tab.page;
  }

  /** No finding, nothing wider than the window, no error; and a picture. */
  async function inspect(page: Page, name: string): Promise<void> {
    await page.waitForTimeout(300);
    await shot(page, `floor ${name} ${look}`.replaceAll(' ', '-'));
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    // What the browser says of a connection that the test has broken is no error of the page.
    expect(tab?.errors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual([]);
  }

  it.each(['tiles', 'rows'])('of 300 calls, as %s', async (view) => {
    const busy = new BusyFloor(300);
    const page = await open(() => desk.setFloor(busy.calls), { stored: { 'undertone.floor': view } });
    await page.getByText('300 live calls').waitFor();
    await inspect(page, view);
  });

  it('with every kind of leg and alert', async () => {
    const page = await open(() =>
      desk.setFloor([
        floorCall('c-anger', {
          urgency: 0.9,
          alerts: [floorAlert(), floorAlert({ alertId: 'x:2', rule: 'long-silence', severity: 'low' })],
          legs: [
            floorLeg({ label: 'anger', confidence: 0.91, speaking: true }),
            floorLeg({ channel: 1, role: 'employee', label: 'fear', confidence: 0.64 }),
          ],
          metadata: { queue: 'Billing', agent: 'Ada' },
        }),
        floorCall('c-taken', {
          urgency: 0.8,
          alerts: [floorAlert({ alertId: 'x:3', severity: 'medium', rule: 'valence-falls', takenBy: 'Grace' })],
          legs: [
            floorLeg({ label: 'sadness', confidence: 0.41 }),
            floorLeg({ channel: 1, role: 'bot', label: 'unknown', reason: null, withheld: true, recent: [] }),
          ],
        }),
        floorCall('c-handled', {
          urgency: 0.7,
          alerts: [
            floorAlert({ alertId: 'x:4', acknowledged: true }),
            floorAlert({ alertId: 'x:5', snoozedUntil: new Date(Date.now() + 600_000).toISOString() }),
          ],
          legs: [
            floorLeg({ label: 'disgust', confidence: 0.55 }),
            floorLeg({ channel: 1, role: 'employee', label: 'surprise', confidence: 0.7 }),
          ],
        }),
        floorCall('c-unknown', {
          urgency: 0.2,
          paused: true,
          legs: [
            floorLeg({ label: 'unknown', reason: 'low-confidence' }),
            floorLeg({ channel: 1, name: 'Line 2', role: 'unknown', label: 'unknown', reason: 'noise' }),
          ],
        }),
        floorCall('c-new', {
          urgency: 0.1,
          durationMs: 900,
          legs: [floorLeg({ label: 'unknown', reason: null, recent: [] })],
        }),
        floorCall('a-call-with-a-name-that-is-much-longer-than-any-tile-or-row-has-room-for', {
          urgency: 0.05,
          legs: [floorLeg({ label: 'happiness', confidence: 0.8 })],
          metadata: { customer: 'Somebody with a very long name indeed, of a town with a longer one' },
        }),
      ]),
    );
    await page.getByText('6 live calls').waitFor();
    await inspect(page, 'kinds');
    await page.getByText('+1').first().click();
    await page.getByRole('dialog').waitFor();
    await inspect(page, 'alerts');
  });

  it('empty, loading, lost and filtered to nothing', async () => {
    const page = await open(() => desk.setFloor([]));
    await page.getByText('It is quiet').waitFor();
    await inspect(page, 'empty');
    desk.setFloor([floorCall('c-1'), floorCall('c-2')]);
    await page.getByText('2 live calls').waitFor();
    await page.getByLabel('Search by call, name or metadata').fill('nobody');
    await page.getByText('No live call matches').waitFor();
    await inspect(page, 'no-match');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    desk.floorOpen = false;
    desk.cutFloor();
    await page.getByText('Connection lost.').waitFor();
    await inspect(page, 'lost');
    await page.reload();
    await page.getByText('The server does not answer; trying again.').waitFor();
    await inspect(page, 'loading');
  });

  it('asking for a name, and how to tell of alerts', async () => {
    const page = await open(() => desk.setFloor([floorCall('c-1', { alerts: [floorAlert()] })]));
    await page.getByRole('button', { name: 'Tell me of new alerts' }).click();
    await inspect(page, 'notify');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Take: customer-anger' }).click();
    await page.getByRole('dialog', { name: 'Your name' }).waitFor();
    await inspect(page, 'name');
  });
});
