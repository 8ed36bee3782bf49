import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { byUrgency } from '../../src/web/floor/floor-order.ts';
import { BusyFloor } from './busy-floor.ts';
import { DeskServer, forgetBuiltPage } from './desk-server.ts';
import { floorAlert, floorCall, floorLeg } from './fixtures.ts';
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

async function open(calls: Parameters<DeskServer['setFloor']>[0], options: OpenOptions = {}): Promise<Page> {
  desk = await DeskServer.start();
  desk.setFloor(calls);
  tab = await openPage(browser, desk.url, { reducedMotion: true, ...options });
  await tab.page.getByRole('heading', { name: 'Floor' }).waitFor();
  if (calls.length > 0) await tab.page.getByText(/^\d+ (of \d+ )?live calls?$/).waitFor();
  return tab.page;
}

const call = (page: Page, callId: string): Locator =>
  page.getByRole('article', { name: `Call ${callId}`, exact: true });
const items = (page: Page): Promise<string[]> => page.locator('.floor-link').allTextContents();
/** On the screen, from the top. */
const order = (page: Page): Promise<string[]> =>
  page.locator('.floor-item').evaluateAll((all) =>
    all
      .map((item) => ({ id: (item as HTMLElement).dataset['item'] ?? '', box: item.getBoundingClientRect() }))
      .sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)
      .map(({ id }) => id),
  );

describe('what the floor shows of a call', () => {
  it('names both sides with their label, how sure it is, and who speaks', async () => {
    const page = await open([
      floorCall('c-1', {
        metadata: { queue: 'Billing' },
        legs: [
          floorLeg({ label: 'anger', confidence: 0.84, speaking: true }),
          floorLeg({ channel: 1, name: 'agent', role: 'employee', label: 'neutral', confidence: 0.6 }),
        ],
      }),
    ]);
    const sides = call(page, 'c-1').getByRole('listitem');
    expect((await sides.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())).toEqual([
      'Speaks: Customer Anger 84 %',
      'Employee Neutral 60 %',
    ]);
    expect(await call(page, 'c-1').textContent()).toContain('Billing');
  });

  it('is honest about what it does not know', async () => {
    const page = await open([
      floorCall('c-1', {
        legs: [
          floorLeg({ label: 'sadness', confidence: 0.31 }),
          floorLeg({ channel: 1, label: 'unknown', reason: 'low-confidence' }),
          floorLeg({ channel: 2, label: 'unknown', reason: 'silence' }),
          floorLeg({ channel: 3, label: 'unknown', reason: 'noise' }),
          floorLeg({ channel: 4, label: 'unknown', reason: null }),
          floorLeg({ channel: 5, label: 'unknown', reason: null, withheld: true, recent: [] }),
        ],
      }),
    ]);
    const words = await call(page, 'c-1').locator('.emotion .word').allTextContents();
    expect(words).toEqual(['Sadness?', 'Unsure', 'Silence', 'Noise', 'Listening', 'Not analysed']);
    // Faded: less contrast than a sure label's colour, and no figure where there is no label.
    expect(await call(page, 'c-1').locator('.emotion.unsure').count()).toBe(6);
    expect(await call(page, 'c-1').locator('.confidence').allTextContents()).toEqual(['31\u202f%']);
  });

  it('draws the mood of both sides, and draws again only what has changed', async () => {
    const page = await open([floorCall('c-1'), floorCall('c-2'), floorCall('c-3')]);
    await page.waitForTimeout(300);
    const inked = (callId: string) =>
      call(page, callId)
        .locator('canvas')
        .evaluate((canvas) => {
          const { width, height } = canvas as HTMLCanvasElement;
          const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
          return data.reduce((sum, value, n) => sum + (n % 4 === 3 && value > 0 ? 1 : 0), 0);
        });
    expect(await inked('c-1')).toBeGreaterThan(300);
    await page.evaluate(() => {
      const drawn: string[] = [];
      Object.assign(globalThis, { drawn });
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        drawn.push(this.canvas.closest('article')?.getAttribute('aria-label') ?? '');
        clearRect.apply(this, box);
      };
    });
    desk.change([
      floorCall('c-1', { durationMs: 84_000 }),
      floorCall('c-2', { legs: [floorLeg({ recent: [0.1, null, -0.4] }), floorCall('c-2').legs[1]!] }),
    ]);
    await page.waitForTimeout(500);
    expect(await page.evaluate('drawn')).toEqual(['Call c-2']);
  });

  it('counts the time up, but not of a paused call nor without a connection', async () => {
    const page = await open([
      floorCall('c-1', { durationMs: 58_000 }),
      floorCall('c-2', { durationMs: 58_000, paused: true }),
    ]);
    await expect.poll(() => call(page, 'c-1').locator('time').textContent(), { timeout: 15_000 }).toMatch(/1:0\d/);
    expect(await call(page, 'c-2').locator('time').textContent()).toBe('0:58');
    expect(await call(page, 'c-2').textContent()).toContain('Paused');
    desk.floorOpen = false;
    desk.cutFloor();
    await page.getByText('Connection lost.').waitFor();
    // It stands at what was known last.
    const stood = await call(page, 'c-1').locator('time').textContent();
    expect(stood).toBe('0:58');
    await page.waitForTimeout(2_500);
    expect(await call(page, 'c-1').locator('time').textContent()).toBe(stood);
  });
});

describe('the order of the floor', () => {
  it('is by urgency, sorted again every few seconds only', async () => {
    const page = await open([
      floorCall('calm', { urgency: 0.1 }),
      floorCall('worst', { urgency: 0.9 }),
      floorCall('middling', { urgency: 0.5 }),
    ]);
    expect(await order(page)).toEqual(['worst', 'middling', 'calm']);
    await page.waitForTimeout(200);
    desk.change([floorCall('calm', { urgency: 1 })]);
    await page.waitForTimeout(700);
    expect(await order(page)).toEqual(['worst', 'middling', 'calm']);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['calm', 'worst', 'middling']);
  });

  it('does not move for small differences', async () => {
    const page = await open([floorCall('a', { urgency: 0.5 }), floorCall('b', { urgency: 0.49 })]);
    const before = await order(page);
    desk.change([floorCall('a', { urgency: 0.49 }), floorCall('b', { urgency: 0.5 })]);
    await page.waitForTimeout(6_000);
    expect(await order(page)).toEqual(before);
  });

  it('stands still under the pointer and says so; goes on when it has left', async () => {
    const page = await open([floorCall('first', { urgency: 0.9 }), floorCall('second', { urgency: 0.2 })]);
    const box = await call(page, 'first').boundingBox();
    const point = async (n: number) => page.mouse.move(box!.x + 40 + n, box!.y + 30);
    await point(0);
    desk.change([floorCall('second', { urgency: 1 })]);
    for (let n = 1; n < 12; n += 1) {
      await point(n % 5);
      await page.waitForTimeout(500);
      expect(await order(page)).toEqual(['first', 'second']);
    }
    await page.getByText('order held while you point').waitFor();
    await page.mouse.move(5, 5);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['second', 'first']);
  });

  it.each([
    ['glides to its new places', false, 2],
    ['jumps there where less motion is wanted', true, 0],
  ])('%s', async (_, reducedMotion, moved) => {
    const page = await open([floorCall('a', { urgency: 0.9 }), floorCall('b', { urgency: 0.2 })], { reducedMotion });
    await page.evaluate(() => {
      const { animate } = Element.prototype;
      Object.assign(globalThis, { moves: 0 });
      Element.prototype.animate = function (...how) {
        (globalThis as unknown as { moves: number }).moves += 1;
        return animate.apply(this, how);
      };
    });
    desk.change([floorCall('b', { urgency: 1 })]);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['b', 'a']);
    expect(await page.evaluate('moves')).toBe(moved);
  });

  it('puts new calls at the end at first, and leaves ended ones in their place for a moment', async () => {
    const page = await open([floorCall('a', { urgency: 0.5 }), floorCall('b', { urgency: 0.3 })]);
    desk.change([floorCall('new', { urgency: 1 })], ['a']);
    await call(page, 'new').waitFor();
    expect(await order(page)).toEqual(['a', 'b', 'new']);
    expect(await call(page, 'a').textContent()).toContain('Ended');
    expect(await page.getByText('2 live calls').count()).toBe(1);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['new', 'b']);
  });
});

describe('a floor of 300 calls', () => {
  it('has only those in sight in the document, and all of them within reach', async () => {
    const page = await open(new BusyFloor(300).calls, { stored: { 'undertone.floor': 'rows' } });
    expect((await items(page)).length).toBeLessThan(40);
    const first = await order(page);
    expect(await page.locator('.floor-item').first().getAttribute('aria-setsize')).toBe('300');
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect.poll(() => page.locator('[aria-posinset="300"]').count()).toBe(1);
    expect((await items(page)).length).toBeLessThan(40);
    expect((await order(page)).filter((id) => first.slice(1).includes(id))).toEqual([]);
  });

  it('shows what came while it was not looked at, once it is', async () => {
    const busy = new BusyFloor(300);
    const page = await open(busy.calls, { stored: { 'undertone.floor': 'rows' } });
    for (let n = 0; n < 5; n += 1) desk.change(busy.step());
    const last = [...busy.calls].sort(byUrgency).at(-1)!;
    await page.getByLabel('Search by call, name or metadata').fill(last.callId);
    await expect.poll(() => items(page)).toEqual([last.callId]);
    const expected = last.legs
      .filter(({ label }) => label !== 'unknown')
      .map(({ confidence }) => `${Math.round(100 * confidence)}\u202f%`);
    await expect.poll(() => call(page, last.callId).locator('.confidence').allTextContents()).toEqual(expected);
  });

  it('switches between tiles and rows, and keeps the choice', async () => {
    const page = await open(new BusyFloor(12).calls);
    const across = async () =>
      new Set(await page.locator('.floor-item').evaluateAll((all) => all.map((item) => item.getBoundingClientRect().x)))
        .size;
    expect(await across()).toBeGreaterThan(1);
    await page.getByText('Rows').click();
    await expect.poll(across).toBe(1);
    await page.reload();
    await page.locator('.floor-item').first().waitFor();
    expect(await across()).toBe(1);
    expect(await page.getByRole('radio', { name: 'Rows' }).isChecked()).toBe(true);
  });
});

describe('filters of the floor', () => {
  const CALLS = [
    floorCall('billing-1', {
      urgency: 0.9,
      metadata: { queue: 'Billing', vip: true },
      alerts: [floorAlert()],
      legs: [floorLeg({ label: 'anger' }), floorLeg({ channel: 1, name: 'Ada', role: 'employee', label: 'neutral' })],
    }),
    floorCall('orders-2', {
      urgency: 0.5,
      metadata: { queue: 'Orders' },
      alerts: [floorAlert({ alertId: 's:2', rule: 'long-silence', severity: 'low', takenBy: 'Ben' })],
      legs: [floorLeg({ label: 'neutral' }), floorLeg({ channel: 1, name: 'Ben', role: 'employee', label: 'anger' })],
    }),
    floorCall('orders-3', { urgency: 0.1, metadata: { queue: 'Orders' }, legs: [floorLeg({ label: 'happiness' })] }),
  ];

  it('narrow by text, alert, emotion, side and metadata, each at once', async () => {
    const page = await open(CALLS);
    const text = page.getByLabel('Search by call, name or metadata');
    const alert = page.getByLabel('Alerts', { exact: true });
    const check = async (expected: string[]) => {
      await expect.poll(() => order(page)).toEqual(expected);
    };
    await text.fill('ADA');
    await check(['billing-1']);
    await text.fill('orders');
    await check(['orders-2', 'orders-3']);
    await text.fill('');
    for (const [wanted, expected] of [
      ['raised', ['billing-1', 'orders-2']],
      ['waiting', ['billing-1']],
      ['low', ['orders-2']],
      ['rule:long-silence', ['orders-2']],
      ['any', ['billing-1', 'orders-2', 'orders-3']],
    ] as const) {
      await alert.selectOption(wanted);
      await check([...expected]);
    }
    const anger = page.getByRole('button', { name: /^Anger/ });
    await anger.click();
    await check(['billing-1', 'orders-2']);
    expect(await anger.getAttribute('aria-pressed')).toBe('true');
    await page.getByLabel('Side', { exact: true }).selectOption('employee');
    await check(['orders-2']);
    expect(await anger.textContent()).toMatch(/1$/);
    await page.getByLabel('Side', { exact: true }).selectOption('any');
    await page.getByRole('button', { name: /^Happiness/ }).click();
    await check(['billing-1', 'orders-2', 'orders-3']);
    await page.getByLabel('Metadata', { exact: true }).selectOption('queue=Orders');
    await check(['orders-2', 'orders-3']);
    await page.getByText('2 of 3 live calls').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await check(['billing-1', 'orders-2', 'orders-3']);
  });

  it('are in the address, so that they stay and can be passed on', async () => {
    const page = await open(CALLS, { hash: '/?emotion=anger&role=customer&metadata=vip%3Dtrue&nonsense=1' });
    expect(await order(page)).toEqual(['billing-1']);
    await page.getByLabel('Search by call, name or metadata').fill('bill');
    await expect
      .poll(() => new URL(page.url()).hash)
      .toBe('#/?text=bill&emotion=anger&role=customer&metadata=vip%3Dtrue');
    await page.reload();
    await expect.poll(() => order(page)).toEqual(['billing-1']);
    expect(await page.getByLabel('Metadata', { exact: true }).inputValue()).toBe('vip=true');
  });

  it('follow the address when a link or the history changes it', async () => {
    const page = await open(CALLS);
    await page.evaluate(() => {
      location.hash = '#/?alert=waiting';
    });
    await expect.poll(() => order(page)).toEqual(['billing-1']);
    expect(await page.getByLabel('Alerts', { exact: true }).inputValue()).toBe('waiting');
    await page.getByRole('link', { name: /^Floor/ }).click();
    await expect.poll(async () => (await order(page)).length).toBe(3);
    await page.goBack();
    await expect.poll(() => order(page)).toEqual(['billing-1']);
  });

  it('hold for calls that come and change later', async () => {
    const page = await open(CALLS, { hash: '/?emotion=fear' });
    await page.getByText('No live call matches').waitFor();
    desk.change([floorCall('new', { legs: [floorLeg({ label: 'fear' })] })]);
    await call(page, 'new').waitFor();
    desk.change([floorCall('new', { legs: [floorLeg({ label: 'neutral' })] })]);
    await page.getByText('No live call matches').waitFor({ timeout: 15_000 });
  });
});

describe('the keyboard on the floor', () => {
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

  it('goes to the calls with one Tab, from call to call with arrows, and opens with Enter', async () => {
    const page = await open(new BusyFloor(300).calls);
    await page.getByRole('button', { name: /^Unknown/ }).focus();
    await page.keyboard.press('Tab');
    const all = await order(page);
    expect(await focused(page)).toBe(all[0]);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => focused(page)).toBe(all[1]);
    await page.keyboard.press('ArrowDown');
    const columns = await page.evaluate(() => {
      const tops = [...document.querySelectorAll('.floor-item')].map((item) =>
        Math.round(item.getBoundingClientRect().y),
      );
      return tops.filter((top) => top === tops[0]).length;
    });
    expect(columns).toBeGreaterThan(1);
    await expect.poll(() => focused(page)).toBe(all[1 + columns]);
    await page.keyboard.press('End');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('li')?.getAttribute('aria-posinset')))
      .toBe('300');
    await page.keyboard.press('Home');
    await expect.poll(() => focused(page)).toBe(all[0]);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain(`#/calls/${all[0]}`);
  });

  it('keeps its call through a new order, and goes to the next one when that has ended', async () => {
    const page = await open([
      floorCall('a', { urgency: 0.9 }),
      floorCall('b', { urgency: 0.6 }),
      floorCall('c', { urgency: 0.3 }),
    ]);
    await call(page, 'a').getByRole('link').focus();
    desk.change([floorCall('a', { urgency: 0.1 })]);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['b', 'c', 'a']);
    expect(await focused(page)).toBe('a');
    await call(page, 'b').getByRole('link').focus();
    desk.change([], ['b']);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['c', 'a']);
    expect(await focused(page)).toBe('c');
  });
});

describe('a lost connection of the floor', () => {
  it('is told of after two seconds, and not when it is back at once', async () => {
    const page = await open([floorCall('stays')]);
    // The page's time goes on only where the test says so.
    await page.clock.install();
    await page.reload();
    await expect.poll(() => desk.watchers).toBe(1);
    await page.clock.runFor(100);
    await call(page, 'stays').waitFor();
    desk.cutFloor();
    await page.waitForTimeout(500);
    await page.clock.runFor(600);
    await expect.poll(() => desk.watchers).toBe(1);
    await page.waitForTimeout(1_000);
    await page.clock.runFor(5_000);
    expect(await page.getByText('Connection lost.').count()).toBe(0);
    desk.floorOpen = false;
    desk.cutFloor();
    await page.waitForTimeout(500);
    await page.clock.runFor(2_100);
    await page.getByText('Connection lost.').waitFor();
  });

  it('is shown with the moment it is of, and comes back by itself with what has changed', async () => {
    const page = await open([floorCall('stays'), floorCall('ends')]);
    desk.floorOpen = false;
    desk.cutFloor();
    await page.getByText(/This is the floor of \d\d:\d\d:\d\d; trying again/).waitFor();
    expect(await order(page)).toHaveLength(2);
    desk.setFloor([floorCall('stays'), floorCall('began')]);
    desk.floorOpen = true;
    await call(page, 'began').waitFor({ timeout: 20_000 });
    expect(await page.getByText('Connection lost.').count()).toBe(0);
    await expect.poll(() => order(page), { timeout: 15_000 }).toEqual(['began', 'stays']);
  });

  it('says when there is no floor yet, and shows it when it comes', async () => {
    desk = await DeskServer.start();
    desk.floorOpen = false;
    tab = await openPage(browser, desk.url);
    await tab.page.getByText('The server does not answer; trying again.').waitFor();
    expect(await tab.page.getByText('Loading the live calls').count()).toBe(1);
    desk.floorOpen = true;
    await tab.page.getByText('It is quiet').waitFor({ timeout: 20_000 });
  });

  it('that the server refuses says why, in its words, and tries again only when asked', async () => {
    desk = await DeskServer.start();
    desk.floorOpen = false;
    desk.floorRefusal = 'host-not-allowed';
    tab = await openPage(browser, desk.url);
    const { page } = tab;
    await page
      .getByRole('alert')
      .getByText(/answers to this machine only/)
      .waitFor();
    const asked = desk.requests.length;
    await page.waitForTimeout(2_500);
    expect(desk.requests.length).toBe(asked);
    desk.floorOpen = true;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('It is quiet').waitFor();
  });
});
