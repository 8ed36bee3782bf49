import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallReport, recordCall, reportHtml, reportJson } from '../../src/exports/index.ts';
import { eventsOf, ODD_NAMES } from './call-events.ts';
import { launchChromium } from './chromium.ts';
import { ALERTS, metricsOf, reportOf } from './report-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** What the page asked for besides itself, and what it complained of. */
  readonly noise: readonly string[];
}

let count = 0;
async function open(report: CallReport, width = 1200, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const path = join(folder, `${count++}.html`);
  writeFileSync(path, reportHtml(report));
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const noise: string[] = [];
  const url = pathToFileURL(path).href;
  page.on('request', (request) => request.url() !== url && noise.push(request.url()));
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  await page.goto(url);
  return { page, noise };
}

/** The rows of the table under a heading, as words. */
const rows = (page: Page, heading: string): Promise<readonly string[]> =>
  page.evaluate((wanted) => {
    const found = [...document.querySelectorAll('h2')].find((h2) => h2.textContent === wanted);
    const part = found?.nextElementSibling;
    return [...(part?.querySelectorAll('tbody tr') ?? [])].map((row) =>
      [...row.querySelectorAll('th, td')]
        // biome-ignore lint/performance/useDomNodeTextContent: words as they are laid out
        .map((cell) => (cell as HTMLElement).innerText.replace(/\s+/g, ' '))
        .join(' | '),
    );
  }, heading);

// biome-ignore lint/performance/useDomNodeTextContent: words as they are laid out
const text = (page: Page): Promise<string> => page.evaluate(() => document.body.innerText.replace(/\s+/g, ' '));

describe('the report as a page', () => {
  it('has the figures of the conversation, side by side', async () => {
    const { page } = await open(reportOf());
    // caller 0.25 to 2.9 s and 4.4 to 6 s; agent 3.1 to 4.7255 s; 6 s in all.
    expect(await rows(page, 'Conversation')).toEqual([
      'Talk time | 4.3 s (71 %) | 1.6 s (27 %)',
      'Share of all talk | 72 % | 28 %',
      'Turns | 2 | 1',
      'Longest turn | 2.6 s | 1.6 s',
      'Longest silence | 1.5 s at 0:02.9 | 3.1 s at 0:00.0',
      'Began while another spoke | 1 time | 0 times',
      'Interrupted | 0 times | 0 times',
      'Pause before answering, mean | – | 0.2 s',
      'Pause before answering, longest | – | 0.2 s',
      'Level now, against own first 20 s | – | –',
      'Pitch now, against own first 20 s | – | –',
      'Syllables per second | – | –',
    ]);
    await page.close();
  });

  it('has shares, mood, anger, alerts with their evidence, and marks', async () => {
    const { page } = await open(reportOf({}, { title: 'A call', note: 'From the archive.' }));
    const words = await text(page);
    for (const expected of [
      'A call',
      'From the archive.',
      'caller (customer) · agent (employee) · call-1',
      // Of 5 s with a label: 2 of anger, 2 of sadness, 1 of neutral.
      'anger 40 %',
      'sadness 40 %',
      'neutral 20 %',
      'happiness 100 %',
      '83 % of the time has a label.',
      'Anger first at 0:01.0: one episode, 2.0 s in all, the last one not over.',
      'No anger was heard.',
      'the model made-up 1.0.0',
    ]) {
      expect(words).toContain(expected);
    }
    expect(await rows(page, 'Alerts')).toEqual([
      '0:02.0 | angry caller | high | 2.0 s nothing was known of it any more | caller: anger 0.75, above 0.6 caller: valence fell by 0.1, not 0.4',
      '0:05.5 | dead air | low | still raised | ',
    ]);
    expect(await page.evaluate(() => document.querySelector('table.narrow')?.textContent?.trim())).toBe(
      '0:03.0transfer',
    );
    await page.close();
  });

  it('draws both sides and the alerts', async () => {
    const { page } = await open(reportOf());
    const titles = await page.evaluate(() =>
      [...document.querySelectorAll('figure title')].map(({ textContent }) => textContent),
    );
    expect(titles).toContain('Emotion timeline of the call');
    expect(titles).toContain('caller');
    expect(titles).toContain('anger 0:01.0 to 0:03.0');
    expect(titles).toContain('speech 0:03.1 to 0:04.7');
    expect(titles).toContain('angry caller 0:02.0 to 0:04.0');
    expect(titles).toContain('dead air 0:05.5 to 0:06.0');
    await page.close();
  });

  it('has a figure, too, where nobody saw the call start', async () => {
    const [, ...rest] = eventsOf();
    const { page } = await open({ call: recordCall(rest), metrics: metricsOf(), alerts: [] });
    const titles = await page.evaluate(() =>
      [...document.querySelectorAll('figure title')].map(({ textContent }) => textContent),
    );
    expect(titles.filter((title) => title === 'anger 0:01.0 to 0:03.0')).toHaveLength(1);
    expect(await text(page)).toContain('each point: the 3 s window that ends there, every 0.5 s');
    await page.close();
  });

  it('says so where there is nothing', async () => {
    const empty = { labels: [[], []], turns: [], marks: [], alerts: [], durationMs: 0 };
    const { page, noise } = await open(reportOf(empty, { alerts: [] }));
    const words = await text(page);
    expect(words).toContain('No alert was raised.');
    expect(words).toContain('No emotion was named.');
    expect(words).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(noise).toEqual([]);
    await page.close();
  });

  it('runs no script, asks for nothing, and shows any name as text', async () => {
    for (const name of [
      ...ODD_NAMES,
      '<script>document.title="x"</script>',
      '"><img src=x onerror=alert(1)>',
      '</style></svg>',
    ]) {
      const change = {
        streamId: name,
        channels: [{ name, role: 'unknown' as const }],
        labels: [['anger' as const]],
        turns: [],
      };
      const alerts = [{ ...ALERTS[0]!, rule: name, evidence: [{ ...ALERTS[0]!.evidence[0]!, channelName: name }] }];
      const { page, noise } = await open(
        reportOf({ ...change, marks: [[name, 0]] }, { title: `t${name}`, note: name, alerts }),
      );
      expect(noise).toEqual([]);
      expect(
        await page.evaluate(() => document.querySelectorAll('script, img, link, iframe, object, [onerror]').length),
      ).toBe(0);
      const shown = name
        .replace(/\p{Surrogate}/gu, '\ufffd')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what cannot be shown
        .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
        .replaceAll('\r\n', '\n');
      expect(await page.evaluate(() => document.querySelector('h1')?.textContent)).toBe(`t${shown}`);
      expect(await page.evaluate(() => document.querySelector('h3')?.textContent)).toBe(shown);
      await page.close();
    }
  });

  it('is as it is without a style or script from elsewhere: its policy forbids them', () => {
    const html = reportHtml(reportOf());
    expect(html).toContain(
      `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"`,
    );
    expect(html.match(/(?:src|href)=|url\(|@import/g)).toBeNull();
  });

  it.each(['light', 'dark'] as const)('has readable text in %s: 4.5 to 1 at least', async (scheme) => {
    const { page } = await open(reportOf(), 1200, scheme);
    const worst = await page.evaluate(() => {
      const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (rgb: readonly number[]) => {
        const [r = 0, g = 0, b = 0] = rgb.slice(0, 3).map((value) => {
          const c = value / 255;
          return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const background = (element: Element | null): readonly number[] => {
        for (let at = element; at !== null; at = at.parentElement) {
          const rgba = parse(getComputedStyle(at).backgroundColor);
          if ((rgba[3] ?? 1) > 0) return rgba;
        }
        return [255, 255, 255];
      };
      const elements = [...document.querySelectorAll('body *')].filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== ''),
      );
      const ratios = elements
        // Words on an emotion's colour have that as their ground; the test of the figure looks at them.
        .filter(
          (element) =>
            !(element instanceof SVGElement) ||
            (element.tagName === 'text' && element.getAttribute('pointer-events') === null),
        )
        .map((element) => {
          const style = getComputedStyle(element);
          const ink = luminance(parse(element instanceof SVGElement ? style.fill : style.color));
          const ground = luminance(background(element));
          return {
            ratio: (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05),
            text: element.textContent ?? '',
          };
        });
      return ratios.sort((a, b) => a.ratio - b.ratio)[0];
    });
    expect(worst?.ratio, worst?.text).toBeGreaterThanOrEqual(4.5);
    await page.close();
  });

  it('fits a phone, and is light on paper', async () => {
    const { page } = await open(reportOf({}, { title: 'x'.repeat(200) }), 360, 'dark');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });
});

describe('the report as JSON', () => {
  it('has the call, its metrics, alerts and marks', () => {
    const report = reportOf({}, { note: 'n' });
    const read = JSON.parse(reportJson(report));
    expect(read).toMatchObject({
      title: 'the call',
      note: 'n',
      call: {
        streamId: 'call-1',
        callId: 'the call',
        durationMs: 6000,
        sides: [
          { channel: 0, name: 'caller', role: 'customer' },
          { channel: 1, name: 'agent', role: 'employee' },
        ],
        model: { name: 'made-up' },
        analysis: { windowMs: 3000 },
      },
      alerts: ALERTS,
      marks: [{ name: 'transfer', atMs: 3000 }],
    });
    expect(read.metrics.sides[0].talkMs).toBe(4250);
    expect(read.metrics.talkRatio).toBeCloseTo(report.metrics.talkRatio, 6);
    expect(Object.keys(read.metrics)).toEqual(Object.keys(report.metrics));
  });
});
