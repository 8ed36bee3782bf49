import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetail, CallStream, TimelineLeg, TimelinePoints } from '../../src/protocol/index.ts';
import { DeskServer, forgetBuiltPage } from './desk-server.ts';
import { legSummary } from './fixtures.ts';
import { type LongCall, longCall, pointOf, STEP_MS, windowOf } from './long-call.ts';
import { launchChromium, type OpenedPage, openPage, seriousFindings } from './page.ts';

/** So much of the call is there at first, in steps. */
const KEPT = 40;

/** The socket and the store of a live call are each moved by hand. */
describe('a live call', () => {
  let browser: Browser;
  let desk: DeskServer;
  let tab: OpenedPage | undefined;
  let call: LongCall;
  /** How many steps the store has of each stream. */
  let stored: Map<string, number>;
  let sockets: { readonly streamId: string; readonly route: WebSocketRoute }[];
  let cursor: number;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    desk = await DeskServer.start();
    call = longCall('call', KEPT, { state: 'live', endedAt: null });
    stored = new Map([['call', KEPT]]);
    sockets = [];
    cursor = 0;
    desk.on('GET', /^\/v1\/calls\/call$/, () => ({ json: call.detail }));
    desk.on('GET', /^\/v1\/calls\/call\/timeline$/, () => ({ json: timeline() }));
  });
  afterEach(async () => {
    await tab?.close();
    await desk.close();
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
  });

  /** What the store has by now. */
  function timeline(): TimelinePoints {
    const legs = call.detail.streams.flatMap(({ streamId, offsetMs, channels }): TimelineLeg[] =>
      channels.map(({ name, role }, channel) => ({
        streamId,
        channel,
        channelName: name,
        role,
        turns: [],
        points: Array.from({ length: stored.get(streamId) ?? 0 }, (_, step) => ({
          ...pointOf(channel, step),
          endMs: (step + 1) * STEP_MS + offsetMs,
        })),
      })),
    );
    return { ...call.points, legs, durationMs: Math.max(...legs.map(({ points }) => points.at(-1)?.endMs ?? 0)) };
  }

  const change = (more: Partial<CallDetail>): void => {
    call = { ...call, detail: { ...call.detail, ...more } };
  };

  async function open(): Promise<Page> {
    tab = await openPage(browser, desk.url);
    const { page } = tab;
    await page.routeWebSocket(/\/v1\/subscribe/, (route) => {
      sockets.push({ streamId: new URL(route.url()).searchParams.get('stream')!, route });
    });
    await page.evaluate(() => {
      location.hash = '#/calls/call';
    });
    return page;
  }
  const loaded = (page: Page) => page.locator('.call-leg canvas').first().waitFor();
  const socketOf = (streamId: string) => sockets.findLast((each) => each.streamId === streamId)?.route;

  function say(streamId: string, fromStep: number, toStep: number, offsetMs = 0): void {
    for (let step = fromStep; step < toStep; step += 1) {
      for (const side of [0, 1]) {
        const window = windowOf(streamId, side, step, cursor);
        cursor += 1;
        socketOf(streamId)?.send(JSON.stringify({ ...window, endMs: (step + 1) * STEP_MS + offsetMs }));
      }
    }
  }

  const readout = (page: Page) => page.locator('.call-readout');
  const until = (page: Page, text: string) =>
    expect.poll(() => page.locator('.call-readout-time').textContent(), { timeout: 10_000 }).toContain(text);

  /** Walks the whole call by keys, and compares what is said with what was sent: a gap, a repeat or a swap would show. */
  async function walk(page: Page, steps: number): Promise<void> {
    await page.getByRole('group', { name: 'Timeline of the call' }).focus();
    await page.keyboard.press('Home');
    for (let n = 1; n <= 9; n += 1) {
      await page.keyboard.press('Shift+ArrowRight');
      const step = Math.ceil((n * 0.1 * steps * STEP_MS - 1e-6) / STEP_MS) - 1;
      const said = (await readout(page).textContent()) ?? '';
      for (const side of [0, 1]) {
        const { label, valence, arousal } = pointOf(side, step);
        if (label === 'unknown') continue;
        const sign = (value: number) => {
          const text = Math.abs(value).toFixed(2);
          return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
        };
        expect(said).toContain(`arousal ${sign(arousal)}, valence ${sign(valence)}`);
      }
    }
  }

  it('waits for a store that is behind, and joins what came meanwhile without a hole', async () => {
    const page = await open();
    await loaded(page);
    // The socket is well ahead of what the store gives: 40 steps are missing between.
    say('call', KEPT + 40, KEPT + 50);
    const asked = (): number => desk.requests.filter(({ path }) => path.endsWith('/timeline')).length;
    const before = asked();
    await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before);
    stored.set('call', KEPT + 44);
    say('call', KEPT + 50, KEPT + 60);
    await until(page, '0:50');
    await walk(page, KEPT + 60);
    expect(tab?.errors).toEqual([]);
  }, 30_000);

  it('says that the connection is lost, follows again where it can, and has what it missed', async () => {
    const page = await open();
    await loaded(page);
    say('call', KEPT, KEPT + 10);
    await until(page, '0:25');
    desk.on('GET', /^\/v1\/calls\/call$/, () => ({ error: 'shutting-down' }));
    // A server that will not have it: the subscription is over, though the call is not.
    const refused = JSON.stringify({ type: 'error', code: 'cursor-expired', message: 'gone', retryable: false });
    socketOf('call')?.send(refused);
    await socketOf('call')?.close({ code: 4000 });
    await page.getByText('Connection lost.').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    stored.set('call', KEPT + 30);
    const known = sockets.length;
    desk.on('GET', /^\/v1\/calls\/call$/, () => ({ json: call.detail }));
    await expect.poll(() => sockets.length, { timeout: 15_000 }).toBeGreaterThan(known);
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    say('call', KEPT + 30, KEPT + 40);
    await until(page, '0:40');
    await walk(page, KEPT + 40);
  }, 40_000);

  it('takes in a stream that joins the call later, with what it said before it was found', async () => {
    const page = await open();
    await loaded(page);
    say('call', KEPT, KEPT + 4);
    const [first] = call.detail.streams;
    const second: CallStream = {
      ...first!,
      streamId: 'second',
      startedAt: '2026-03-02T09:15:10.000Z',
      offsetMs: 10_000,
      channels: [{ name: 'expert', role: 'employee' }],
    };
    stored.set('second', 20);
    change({
      streams: [first!, second],
      legs: [...call.detail.legs, legSummary({ streamId: 'second', name: 'expert', role: 'employee' })],
    });
    await expect.poll(() => socketOf('second') !== undefined, { timeout: 10_000 }).toBe(true);
    // The store is behind the socket by four steps of it.
    const expert = (step: number): string => {
      cursor += 1;
      const window = windowOf('second', 0, step, cursor);
      return JSON.stringify({ ...window, channelName: 'expert', role: 'employee' });
    };
    for (let step = 24; step < 30; step += 1) socketOf('second')?.send(expert(step));
    stored.set('second', 26);
    await page.locator('.call-leg-name', { hasText: 'expert' }).waitFor({ timeout: 10_000 });
    await expect.poll(() => page.locator('.call-leg').count()).toBe(3);
    await page.getByRole('group', { name: 'Timeline of the call' }).focus();
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return readout(page).locator('.call-readout-side').nth(2).textContent();
      })
      .toContain('expert');
    expect(tab?.errors).toEqual([]);
  }, 30_000);

  it('turns into the call as it is kept when it ends', async () => {
    const page = await open();
    await loaded(page);
    await page.getByText('live', { exact: true }).first().waitFor();
    say('call', KEPT, KEPT + 10);
    await until(page, '0:25');
    stored.set('call', KEPT + 20);
    const [stream] = call.detail.streams;
    change({ state: 'ended', streams: [{ ...stream!, endReason: 'stop' }], durationMs: (KEPT + 20) * STEP_MS });
    await socketOf('call')?.close({ code: 1000 });
    await page.locator('.call-live').waitFor({ state: 'detached', timeout: 10_000 });
    await until(page, '0:30');
    expect(await page.getByText('Connection lost.').count()).toBe(0);
    await walk(page, KEPT + 20);
  }, 30_000);

  it('shows nothing of a side that the policy withholds, though the socket says it', async () => {
    const [customer, agent] = call.detail.legs;
    change({
      legs: [customer!, { ...agent!, withheld: true, shares: {}, arousal: null, valence: null, lowest: null }],
    });
    const page = await open();
    await loaded(page);
    for (let step = KEPT; step < KEPT + 100; step += 10) say('call', step, step + 10);
    await until(page, '1:10');
    const side = readout(page).locator('.call-readout-side').nth(1);
    await expect.poll(() => side.textContent()).toContain('Not analysed');
    expect(await side.textContent()).not.toMatch(/Anger|Disgust|Fear|Happiness|Neutral|Sadness|Surprise|valence/);
    await page.getByText('By policy the emotions of this side are not shown.').waitFor();
    expect(await page.locator('.call-where figure').count()).toBe(1);
    // No colour of an emotion on its canvas: what is drawn there is ink.
    const colourful = await page
      .locator('.call-leg canvas')
      .nth(1)
      .evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement)
          .getContext('2d')!
          .getImageData(width * 0.75, 0, width / 4, height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
          const [red, green, blue, alpha] = data.slice(at, at + 4) as unknown as [number, number, number, number];
          if (alpha > 40 && Math.max(red, green, blue) - Math.min(red, green, blue) > 24) count += 1;
        }
        return count;
      });
    expect(colourful).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
  }, 30_000);

  it('stays where one looks while it grows, and goes along again when told', async () => {
    const page = await open();
    await loaded(page);
    await page.getByRole('group', { name: 'Timeline of the call' }).focus();
    for (const key of ['Home', '+', '+', '+']) await page.keyboard.press(key);
    const left = await page.locator('.call-overview > i').getAttribute('style');
    say('call', KEPT, KEPT + 40);
    await expect.poll(() => page.locator('.call-overview > i').getAttribute('style')).not.toBe(left);
    expect(await page.locator('.call-overview > i').getAttribute('style')).toContain('left: 0%');
    await page.getByRole('button', { name: 'Jump to live' }).click();
    await expect.poll(() => page.locator('.call-overview > i').getAttribute('style')).not.toContain('left: 0%');
    expect(await page.getByRole('button', { name: 'Jump to live' }).count()).toBe(0);
  }, 30_000);
});
