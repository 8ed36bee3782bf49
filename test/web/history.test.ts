import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetail, CallSummary, DayHeat, TimelinePoints } from '../../src/protocol/index.ts';
import { CallMeter } from '../../src/streams/index.ts';
import { type DeskRequest, DeskServer, forgetBuiltPage } from './desk-server.ts';
import { callSummary, legSummary, MODEL } from './fixtures.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings, shot } from './page.ts';

const CHANNELS = [
  { name: 'customer', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;

function kept(count: number): CallSummary[] {
  return Array.from({ length: count }, (_, n) => {
    const anger = ((n * 7) % 10) / 20;
    return callSummary(`call-${String(n).padStart(4, '0')}`, {
      startedAt: new Date(Date.UTC(2026, 2, 2, 17, 0, -90 * n)).toISOString(),
      durationMs: 60_000 + ((n * 37_000) % 600_000),
      state: n === 0 ? 'live' : n === 3 ? 'lost' : 'ended',
      recorded: n % 3 === 0,
      alerts:
        n % 4 === 1
          ? { raised: 2, open: 0, highest: 'high', rules: ['customer-anger', 'long-silence'] }
          : { raised: 0, open: 0, highest: null, rules: [] },
      legs: [
        legSummary({
          shares: { anger, neutral: 0.8 - anger, happiness: 0.2 },
          lowest: { valence: -anger, startMs: 31_000 },
        }),
        legSummary({
          channel: 1,
          name: 'agent',
          role: 'employee',
          shares: { neutral: 0.9, happiness: 0.1 },
          lowest: null,
        }),
      ],
    });
  });
}

function detail(summary: CallSummary): CallDetail {
  const meter = new CallMeter(CHANNELS);
  meter.next({ type: 'ended', durationMs: summary.durationMs, reason: 'stop', channels: [], streamId: 's', cursor: 0 });
  return { ...summary, streams: [], metrics: meter.metrics(), allAlerts: [], marks: [], corrections: [], analyses: [] };
}

function points({ callId, durationMs }: CallSummary): TimelinePoints {
  const windows = Math.floor(durationMs / 500);
  return {
    callId,
    durationMs,
    labels: MODEL.labels,
    legs: CHANNELS.map(({ name, role }, channel) => ({
      streamId: callId,
      channel,
      channelName: name,
      role,
      turns: [],
      points: Array.from({ length: windows }, (_, n) => ({
        endMs: 500 * (n + 1),
        label: n % 60 < 12 ? ('unknown' as const) : n % 120 < 60 ? ('neutral' as const) : ('anger' as const),
        score: 0.7,
        confidence: 0.7,
        probabilities: MODEL.labels.map((label) => (label === 'neutral' ? 0.7 : 0.05)),
        arousal: 0.3 * Math.sin(n / 20),
        valence: 0.6 * Math.sin(n / 30),
        speechRatio: 0.8,
        levelDb: -24,
        pitchSemitones: 30,
      })),
    })),
  };
}

describe('the history', () => {
  let browser: Browser;
  let desk: DeskServer;
  let calls: CallSummary[];
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    calls = kept(120);
    desk = await DeskServer.start();
    desk.on('GET', /^\/v1\/calls$/, ({ query }) => {
      const from = Number(query.get('cursor') ?? 0);
      const limit = Number(query.get('limit') ?? 50);
      const text = query.get('text')?.toLowerCase() ?? '';
      const found = calls.filter(({ callId }) => callId.includes(text));
      return {
        json: {
          calls: found.slice(from, from + limit),
          next: from + limit < found.length ? String(from + limit) : null,
        },
      };
    });
    desk.on('GET', /^\/v1\/calls\/([^/]+)$/, ({ groups: [id] }) => ({
      json: detail(calls.find(({ callId }) => callId === id)!),
    }));
    desk.on('GET', /^\/v1\/calls\/([^/]+)\/timeline$/, ({ groups: [id] }) => ({
      json: points(calls.find(({ callId }) => callId === id)!),
    }));
    desk.on('GET', /^\/v1\/day$/, ({ query }) => {
      const heat: DayHeat = {
        date: query.get('date')!,
        hours: Array.from({ length: 24 }, (_, hour) =>
          hour < 8 || hour > 18
            ? { calls: 0, alerts: 0, shares: {} }
            : { calls: 12 + hour, alerts: hour % 5, shares: { anger: (hour - 7) / 24, neutral: 0.5, happiness: 0.1 } },
        ),
      };
      return { json: heat };
    });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ close }) => close()));
    await desk.close();
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
  });

  async function open(options: OpenOptions = {}): Promise<OpenedPage> {
    const tab = await openPage(browser, desk.url, { hash: '/history', ...options });
    opened.push(tab);
    await tab.page.getByRole('heading', { name: 'History' }).waitFor();
    return tab;
  }
  const searches = (): readonly DeskRequest[] => desk.requests.filter(({ path }) => path === '/v1/calls');
  const rows = (page: Page) => page.locator('.results tbody tr');

  it('shows what is kept, page by page, and says when that is all', async () => {
    const { page, errors } = await open({ height: 1100 });
    await expect.poll(() => rows(page).count()).toBe(50);
    await shot(page, 'history');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => rows(page).count()).toBe(100);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => rows(page).count()).toBe(120);
    await page.getByText('120 calls, which is all').waitFor();
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    expect(new Set(await rows(page).locator('th a').allTextContents()).size).toBe(120);
    expect(errors).toEqual([]);
  });

  it('asks the server for what is chosen, and keeps it in the address', async () => {
    const { page } = await open();
    await page.getByLabel('Search by call id or metadata').fill('0007');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByLabel('Emotion', { exact: true }).selectOption('anger');
    await page.getByLabel('At least').selectOption('30');
    await page.getByLabel('Side').selectOption('customer');
    await page.getByLabel('State').selectOption('ended');
    await page.getByLabel('Metadata', { exact: true }).fill('queue=billing=eu');
    await expect
      .poll(() => Object.fromEntries(searches().at(-1)!.query))
      .toEqual({
        text: '0007',
        emotion: 'anger',
        minShare: '0.3',
        role: 'customer',
        state: 'ended',
        'metadata.queue': 'billing=eu',
        limit: '50',
      });
    expect(new URL(page.url()).hash).toContain('emotion=anger&min=30');
    await page.reload();
    await expect.poll(() => rows(page).count()).toBe(1);
    expect(await page.getByLabel('At least').inputValue()).toBe('30');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => rows(page).count()).toBe(50);
  });

  it('searches days of the clock on the wall, and an hour by the heat map', async () => {
    const { page } = await open({ hash: '/history?from=2026-03-02&to=2026-03-02' });
    await expect.poll(() => searches().at(-1)?.query.get('from')).toBe('2026-03-02T00:00:00.000Z');
    expect(searches().at(-1)?.query.get('to')).toBe('2026-03-03T00:00:00.000Z');
    await page.getByText('Monday 2 March').waitFor();
    const cell = page.getByRole('button', { name: /^14:00, anger 29/ });
    await cell.hover();
    await page.locator('.heat-pointed').getByText('14:00, anger').waitFor();
    await cell.click();
    await expect.poll(() => searches().at(-1)?.query.get('from')).toBe('2026-03-02T14:00:00.000Z');
    expect(searches().at(-1)?.query.get('to')).toBe('2026-03-02T15:00:00.000Z');
    expect(searches().at(-1)?.query.get('emotion')).toBe('anger');
    expect(await cell.getAttribute('aria-pressed')).toBe('true');
    expect(await page.getByRole('button', { name: /^05:00, anger/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'The day before' }).click();
    await page.getByText('Sunday 1 March').waitFor();
    expect(await page.evaluate(() => location.hash)).not.toContain('hour');
  });

  it('compares two calls on one scale', async () => {
    const { page, errors } = await open({ height: 1300 });
    await page.getByLabel('Compare call-0002').check();
    await page.getByText('One call is chosen').waitFor();
    await page.getByLabel('Compare call-0005').check();
    expect(await page.getByLabel('Compare call-0006').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const comparison = page.getByRole('region', { name: 'Comparison' });
    await comparison.getByRole('row', { name: /Length/ }).waitFor();
    const length = await comparison
      .getByRole('row', { name: /Length/ })
      .locator('td')
      .allTextContents();
    expect(length).toEqual(['2:14', '4:05', '+1:51']);
    await comparison.getByText('The second is 1:51 longer').waitFor();
    // The shorter one ends where its time ends on the scale of both.
    const painted = await comparison.locator('canvas').evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        let last = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at]! > 0) last = Math.max(last, ((at - 3) / 4) % width);
        return last / width;
      }),
    );
    expect(painted).toHaveLength(4);
    for (const share of painted.slice(0, 2)) expect(share).toBeCloseTo(134 / 245, 1);
    for (const share of painted.slice(2)) expect(share).toBeGreaterThan(0.98);
    await shot(page, 'history-compare');
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('erases a caller only when that is typed, and says how many calls it was', async () => {
    desk.on('DELETE', /^\/v1\/callers$/, () => ({ json: { erased: ['call-0001', 'call-0004'] } }));
    const { page } = await open({ stored: { 'undertone.name': 'Ada' } });
    await page.getByRole('button', { name: 'Erase a caller' }).click();
    const button = page.getByRole('button', { name: 'Erase for good' });
    await page.getByLabel('Value, exactly').fill('+49 30 1234');
    expect(await button.isDisabled()).toBe(true);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByLabel('Type “erase”').fill('erase');
    await button.click();
    await page.getByText('2 calls erased.').waitFor();
    const asked = desk.requests.find(({ method }) => method === 'DELETE')!;
    expect(Object.fromEntries(asked.query)).toEqual({ key: 'caller', value: '+49 30 1234' });
    expect(await page.getByRole('link', { name: 'call-0001', exact: true }).count()).toBe(0);
  });

  it('exports corrections as the server gives them', async () => {
    const csv = 'path,start,end,label,speaker\na.wav,1,2,anger,s1\n';
    desk.on('GET', /^\/v1\/corrections\.csv$/, () => ({ bytes: csv, type: 'text/csv' }));
    const { page } = await open();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Corrections as training data' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('corrections.csv');
    expect(await readFile(await download.path(), 'utf8')).toBe(csv);
  });

  it('says so where nothing is kept, nothing is found, or the server does not answer', async () => {
    calls = [];
    const { page } = await open();
    await page.getByText('No call is kept yet').waitFor();
    await page.getByLabel('Emotion', { exact: true }).selectOption('fear');
    await page.getByText('No call is like that').waitFor();
    desk.on('GET', /^\/v1\/calls$/, () => ({ error: 'store-unavailable' }));
    await page.getByLabel('Emotion', { exact: true }).selectOption('anger');
    await page.getByRole('alert').waitFor();
    calls = kept(2);
    desk.on('GET', /^\/v1\/calls$/, () => ({ json: { calls, next: null } }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => rows(page).count()).toBe(2);
  });

  it('is readable on a phone, in the dark', async () => {
    const { page } = await open({ width: 390, height: 844, dark: true, touch: true });
    await expect.poll(() => rows(page).count()).toBe(50);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shot(page, 'history-phone');
    await rows(page).first().scrollIntoViewIfNeeded();
    await shot(page, 'history-phone-rows');
    expect(await seriousFindings(page)).toEqual([]);
  });
});
