import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallDetail, TimelinePoints } from '../../src/protocol/index.ts';
import { forgetBuiltPage } from './desk-server.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings, shot } from './page.ts';
import { RealServer } from './real-server.ts';

describe('a call', () => {
  let browser: Browser;
  let desk: RealServer;
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    desk = await RealServer.start();
    browser = await launchChromium(['--autoplay-policy=no-user-gesture-required']);
    const stream = await desk.call('call-1', { metadata: { queue: 'billing', caller: '+49 30 1234' } });
    await stream.done;
    await vi.waitFor(async () => {
      const { state, recorded } = await get<CallDetail>('/v1/calls/call-1');
      expect({ state, recorded }).toEqual({ state: 'ended', recorded: true });
    }, 10_000);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ close }) => close()));
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.close();
    await forgetBuiltPage();
  });

  const get = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, desk.url))).json()) as T;

  async function open(hash: string, options: OpenOptions = {}): Promise<OpenedPage> {
    const tab = await openPage(browser, desk.url, { hash, stored: { 'undertone.name': 'Ada' }, ...options });
    opened.push(tab);
    return tab;
  }
  const area = (page: Page) => page.getByRole('group', { name: 'Timeline of the call' });
  const readout = (page: Page) => page.locator('.call-readout');
  const ready = (page: Page) => page.locator('.call-leg canvas').first().waitFor();

  it('shows both sides with their figures and alerts, and says at the cursor what was heard there', async () => {
    const { page, errors } = await open('/calls/call-1', { height: 1400 });
    await ready(page);
    await page.getByRole('heading', { name: 'call-1' }).waitFor();
    await page.getByText('queue: billing').waitFor();
    await page.waitForTimeout(300);
    await shot(page, 'call');
    expect(await seriousFindings(page)).toEqual([]);
    const points = await get<TimelinePoints>('/v1/calls/call-1/timeline?format=points');
    await area(page).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    const at = 2 * 0.1 * points.durationMs;
    const expected = points.legs.map((leg) => leg.points.find(({ endMs }) => endMs >= at)!);
    for (const { label, valence } of expected) {
      if (label === 'unknown') continue;
      await readout(page).getByText(new RegExp(label, 'i')).first().waitFor();
      expect(await readout(page).textContent()).toContain(`${valence < 0 ? '−' : '+'}${Math.abs(valence).toFixed(2)}`);
    }
    expect(await readout(page).textContent()).toContain('0:09');
    const detail = await get<CallDetail>('/v1/calls/call-1');
    expect(detail.allAlerts.length).toBeGreaterThan(0);
    expect(await page.locator('.call-alert-item').count()).toBe(detail.allAlerts.length);
    const [first] = detail.metrics.sides;
    const talk = `${Math.round(100 * first!.talkShare!)}\u202f%`;
    expect(await page.locator('.call-side').first().textContent()).toContain(`Talks${talk}`);
    expect(errors).toEqual([]);
  });

  it('looks closer by keys, by drawing and by the overview, and shows all again', async () => {
    const { page } = await open('/calls/call-1');
    await ready(page);
    const zoomed = page.getByRole('button', { name: 'Show all' });
    expect(await zoomed.count()).toBe(0);
    await area(page).focus();
    for (const key of ['Home', '+', '+', '+']) await page.keyboard.press(key);
    await zoomed.waitFor();
    await page.keyboard.press('End');
    expect(await readout(page).textContent()).toContain('0:45');
    await page.keyboard.press('0');
    expect(await zoomed.count()).toBe(0);
    const box = (await area(page).boundingBox())!;
    await page.mouse.move(box.x + 0.25 * box.width, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 80, { steps: 4 });
    await page.mouse.up();
    await zoomed.waitFor();
    await page.mouse.move(box.x + 2, box.y + 80);
    // A quarter of 45 s is 11 s.
    await expect.poll(() => readout(page).textContent()).toContain('0:11');
    await page.mouse.dblclick(box.x + 200, box.y + 80);
    await expect.poll(() => zoomed.count()).toBe(0);
  });

  it('shows arousal and valence, and level and pitch over the waveform', async () => {
    const { page } = await open('/calls/call-1');
    await ready(page);
    const pixels = () =>
      page
        .locator('.call-leg canvas')
        .first()
        .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const emotions = await pixels();
    await page.getByText('Arousal and valence', { exact: true }).click();
    await expect.poll(pixels).not.toBe(emotions);
    const mood = await pixels();
    await page.getByText('Level and pitch', { exact: true }).click();
    await expect.poll(pixels).not.toBe(mood);
    await shot(page, 'call-voice');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByText('Emotions', { exact: true }).click();
  });

  it('plays the recording in step with the timeline, from where one points, with the space bar', async () => {
    const { page, errors } = await open('/calls/call-1');
    await ready(page);
    const box = (await area(page).boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + 80);
    const position = () =>
      page
        .locator('.call-position')
        .textContent()
        .then((text) => Number(/^0:(\d+)/.exec(text ?? '')?.[1]));
    await expect.poll(position).toBe(22);
    await page.getByRole('heading', { name: 'call-1' }).click();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await expect.poll(position, { timeout: 10_000 }).toBeGreaterThan(23);
    const playhead = page.locator('.call-playhead');
    const left = Number.parseFloat((await playhead.getAttribute('style'))!.replace('left:', ''));
    expect(left).toBeGreaterThan(50);
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    const stopped = await position();
    await page.waitForTimeout(400);
    expect(await position()).toBe(stopped);
    expect(errors).toEqual([]);
  });

  it('takes an alert in the name of whoever does it', async () => {
    const { page } = await open('/calls/call-1');
    await ready(page);
    const first = page.locator('.call-alert-item').first();
    await first.getByRole('button', { name: 'Take' }).click();
    await first.getByText('Ada took it').waitFor();
    await first.getByRole('button', { name: 'Wrong' }).click();
    await first.getByText('Ada marked it as wrong').waitFor();
    const { allAlerts } = await get<CallDetail>('/v1/calls/call-1');
    expect(allAlerts[0]).toMatchObject({ takenBy: 'Ada', wrong: true });
  });

  it('corrects a stretch that was drawn over, and withdraws that', async () => {
    const { page } = await open('/calls/call-1', { height: 1200 });
    await ready(page);
    await page.getByRole('button', { name: 'Correct a label' }).click();
    const legs = page.locator('.call-leg');
    const box = (await legs.nth(1).boundingBox())!;
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.4 * box.width, box.y + 40, { steps: 4 });
    await page.mouse.up();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Sadness').check();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await page.getByText('by Ada').waitFor();
    const { corrections } = await get<CallDetail>('/v1/calls/call-1');
    expect(corrections).toHaveLength(1);
    expect(corrections[0]).toMatchObject({ channel: 1, label: 'sadness', by: 'Ada' });
    expect(corrections[0]!.startMs / 45_233).toBeCloseTo(0.2, 1);
    expect(corrections[0]!.endMs / 45_233).toBeCloseTo(0.4, 1);
    const csv = await (await fetch(new URL('/v1/corrections.csv', desk.url))).text();
    expect(csv.split('\n')[0]).toBe('path,start,end,label,speaker');
    expect(csv).toContain('sadness');
    await shot(page, 'call-corrected');
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await expect.poll(() => get<CallDetail>('/v1/calls/call-1').then((detail) => detail.corrections.length)).toBe(0);
  });

  it('corrects a stretch by keys alone, and keeps the focus where it was', async () => {
    const { page } = await open('/calls/call-1', { height: 1200 });
    await ready(page);
    await page.getByRole('button', { name: 'Correct a label' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Type the times' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Side').selectOption({ label: 'agent' });
    await dialog.getByLabel('From').fill('0:12.5');
    await dialog.getByLabel('To').fill('0:09');
    await dialog.getByLabel('Fear').focus();
    await page.keyboard.press(' ');
    expect(await dialog.getByRole('button', { name: 'Keep' }).isDisabled()).toBe(true);
    await dialog.getByText('the earlier first; it ends at 0:45').waitFor();
    await dialog.getByLabel('To').fill('14');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Corrections' }).getByText('agent, by Ada').waitFor();
    const { corrections } = await get<CallDetail>('/v1/calls/call-1');
    expect(corrections).toHaveLength(1);
    expect(corrections[0]).toMatchObject({ channel: 1, label: 'fear', startMs: 12_500, endMs: 14_000 });
    await page.getByText('set right by somebody').waitFor();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await expect.poll(() => get<CallDetail>('/v1/calls/call-1').then((detail) => detail.corrections.length)).toBe(0);
    await page.getByRole('button', { name: 'Export' }).click();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Export');
    expect(await page.locator('.call-menu').count()).toBe(0);
  });

  it('looks closer and elsewhere with two fingers, and points with one', async () => {
    const { page, errors } = await open('/calls/call-1', { touch: true });
    await ready(page);
    const box = (await area(page).boundingBox())!;
    const devtools = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', xs: readonly number[]) =>
      devtools.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: xs.map((x, id) => ({ x: box.x + x * box.width, y: box.y + 90, id })),
      });
    await touch('touchStart', [0.4, 0.6]);
    for (let n = 1; n <= 10; n += 1) await touch('touchMove', [0.4 - 0.02 * n, 0.6 + 0.02 * n]);
    await touch('touchEnd', []);
    await page.getByRole('button', { name: 'Show all' }).waitFor();
    // From a fifth of the width to three fifths: three times as close, about the middle.
    const style = (await page.locator('.call-overview > i').getAttribute('style'))!;
    const [left, width] = [/left: ([\d.]+)%/, /width: ([\d.]+)%/].map((part) => Number(part.exec(style)?.[1]));
    expect(width).toBeCloseTo(100 / 3, -0.5);
    expect(left).toBeCloseTo(100 / 3, -0.5);
    await touch('touchStart', [0.2]);
    await touch('touchMove', [0.25]);
    await touch('touchMove', [0.5]);
    await touch('touchEnd', []);
    // Nothing was drawn over: it only pointed, at the middle, and stays there.
    expect(await page.locator('.call-overview > i').getAttribute('style')).toBe(style);
    await expect.poll(() => readout(page).textContent()).toMatch(/0:2[123]/);
    expect(errors).toEqual([]);
  });

  it('analyses the recording again, and lays the labels beside with how far they agree', async () => {
    const { page } = await open('/calls/call-1', { height: 1200 });
    await ready(page);
    await page.getByRole('button', { name: 'Analyse' }).click();
    await page.getByText(/agrees on 100/).waitFor({ timeout: 30_000 });
    const height = (await page.locator('.call-leg').first().boundingBox())!.height;
    await page.getByRole('button', { name: 'Lay beside' }).click();
    await expect
      .poll(async () => (await page.locator('.call-leg').first().boundingBox())!.height)
      .toBeGreaterThan(height);
    await page.getByRole('button', { name: 'Take away' }).click();
  }, 60_000);

  it('exports the timeline in every format, and the report', async () => {
    const { page } = await open('/calls/call-1');
    await ready(page);
    for (const [text, name, begins] of [
      ['Report, to read or print', 'call-1.html', '<!doctype html>'],
      ['Events, JSON Lines', 'call-1.jsonl', '{'],
      ['Captions, WebVTT', 'call-1.vtt', 'WEBVTT'],
      ['Praat TextGrid', 'call-1.TextGrid', 'File type = "ooTextFile"'],
      ['EmotionML', 'call-1.emotionml', '<?xml'],
    ] as const) {
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: text }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      const file = await readFile(await download.path(), 'utf8');
      expect(file.toLowerCase().startsWith(begins.toLowerCase())).toBe(true);
    }
  });

  it('follows a live call without gap or repeat, and leaves it alone where one looks elsewhere', async () => {
    const stream = await desk.call('call-live', { untilMs: 15_000, stop: false });
    const { page, errors } = await open('/calls/call-live');
    await ready(page);
    await page.getByText('live', { exact: true }).first().waitFor();
    await area(page).focus();
    for (const key of ['Home', '+', '+']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Jump to live' }).waitFor();
    // The rest of the call, in two parts, so that some of it comes while the page listens.
    const bytes = (await readFile(new URL('../../examples/demo-call.wav', import.meta.url))).subarray(60);
    const rest = bytes.subarray(2 * 8_000 * 15);
    for (let at = 0; at < rest.length; at += 32_000) {
      await stream.send(rest.subarray(at, at + 32_000));
      await page.waitForTimeout(60);
    }
    await stream.stop();
    await page.getByRole('button', { name: 'Jump to live' }).count();
    await expect.poll(() => get<CallDetail>('/v1/calls/call-live').then(({ state }) => state)).toBe('ended');
    await page.keyboard.press('End');
    await expect.poll(() => page.getByText('live', { exact: true }).count(), { timeout: 15_000 }).toBe(0);
    await page.keyboard.press('0');
    // What the page gathered is what the store keeps: every window once, in order.
    const kept = await get<TimelinePoints>('/v1/calls/call-live/timeline?format=points');
    await page.keyboard.press('Home');
    for (let n = 1; n <= 9; n += 1) {
      await page.keyboard.press('Shift+ArrowRight');
      const at = n * 0.1 * kept.durationMs;
      const said = await readout(page).textContent();
      for (const leg of kept.legs) {
        const { label, valence } = leg.points.find(({ endMs }) => endMs >= at)!;
        if (label !== 'unknown')
          expect(said).toContain(`valence ${valence < 0 ? '−' : '+'}${Math.abs(valence).toFixed(2)}`);
      }
    }
    expect(errors).toEqual([]);
  }, 60_000);

  it('says so where there is no such call, and where it is erased while it is open', async () => {
    await desk.call('call-gone');
    await expect.poll(() => get<CallDetail>('/v1/calls/call-gone').then(({ state }) => state)).toBe('ended');
    const { page } = await open('/calls/nobody');
    await page.getByText('There is no such call').waitFor();
    await page.evaluate(() => {
      location.hash = '#/calls/call-gone';
    });
    await ready(page);
    await page.getByRole('button', { name: 'Erase this call' }).click();
    const erase = page.getByRole('button', { name: 'Erase for good' });
    expect(await erase.isDisabled()).toBe(true);
    await page.getByLabel('Type “erase”').fill('erase');
    await erase.click();
    await page.getByText('The call is erased.').waitFor();
    expect((await fetch(new URL('/v1/calls/call-gone', desk.url))).status).toBe(404);
  }, 40_000);

  it('is readable on a phone, in the dark', async () => {
    const { page } = await open('/calls/call-1', { width: 390, height: 844, dark: true, touch: true });
    await ready(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shot(page, 'call-phone');
    expect(await seriousFindings(page)).toEqual([]);
  });
});
