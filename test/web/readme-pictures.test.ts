import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/inference/index.ts';
import { readAlertRules } from '../../src/streams/index.ts';
import { BusyFloor } from './busy-floor.ts';
import { DeskServer, forgetBuiltPage } from './desk-server.ts';
import { keptCalls, keptDay } from './kept-calls.ts';
import { launchChromium, type OpenOptions, openPage, seriousFindings } from './page.ts';
import { DEMO_CALL, RealServer } from './real-server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** Where the pictures go: `npm run shots` names docs/images, a mere test writes them for nobody. */
const WANTED = process.env['UNDERTONE_PICTURES'];
/** Of one picture, bytes. */
const MOST_BYTES = 150_000;
const RULES = `version: 1
rules:
  - name: angry agent
    severity: high
    when: { measure: anger, of: employee, above: 0.45, hysteresis: 0.1 }
    for: 1 s
    cooldown: 10 s

  - name: talking over each other
    severity: low
    when: { measure: overtalk, above: 300 ms }

  - name: angry customer
    severity: high
    when: { measure: anger, of: customer, above: 0.6, hysteresis: 0.1 }
    for: 6 s
`;

const run = promisify(execFile);

/**
 * The pictures of the page in the README: the call, the trial and the settings from a real server that hears the demo call, the
 * floor and the history from calls that are made up.
 */
describe('the pictures of the README', () => {
  let browser: Browser;
  let folder: string;
  let scratch: string;
  beforeAll(async () => {
    browser = await launchChromium();
    scratch = await mkdtemp(join(tmpdir(), 'undertone-pictures-'));
    folder = WANTED === undefined || WANTED === '' ? scratch : resolve(ROOT, WANTED);
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
    await rm(scratch, { recursive: true, force: true });
  });

  /** A picture of 256 colours: a third of the size, and no difference to be seen. */
  async function picture(page: Page, name: string): Promise<void> {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(400);
    expect(await seriousFindings(page)).toEqual([]);
    const raw = join(scratch, `${name}.raw.png`);
    await page.screenshot({ path: raw });
    const palette = 'split[a][b];[a]palettegen=max_colors=255:stats_mode=single[p];[b][p]paletteuse=dither=none';
    const file = join(folder, `${name}.png`);
    await run('ffmpeg', ['-y', '-loglevel', 'error', '-i', raw, '-vf', palette, '-pred', 'mixed', file]);
    expect((await stat(file)).size).toBeLessThan(MOST_BYTES);
  }

  async function on(url: string, options: OpenOptions, show: (page: Page) => Promise<void>): Promise<void> {
    const tab = await openPage(browser, url, { stored: { 'undertone.name': 'Ada' }, reducedMotion: true, ...options });
    await show(tab.page);
    // A server without webhooks answers so where the settings ask for them; the browser logs it.
    expect(tab.errors.filter((error) => !error.includes('404'))).toEqual([]);
    await tab.close();
  }

  const BOTH = [
    ['', {}],
    ['-dark', { dark: true }],
  ] as const satisfies readonly (readonly [string, OpenOptions])[];

  it('of a busy floor and of a history', async () => {
    const desk = await DeskServer.start();
    const busy = new BusyFloor(300);
    desk.setFloor(busy.calls);
    const now = new Date();
    const calls = keptCalls(120, now);
    desk.on('GET', /^\/v1\/calls$/, () => ({ json: { calls: calls.slice(0, 50), next: '50' } }));
    desk.on('GET', /^\/v1\/day$/, ({ query }) => ({ json: keptDay(query.get('date')!) }));
    for (const [suffix, look] of BOTH) {
      await on(desk.url, { height: 860, ...look }, async (page) => {
        await page.getByText('300 live calls').waitFor();
        await picture(page, `floor${suffix}`);
      });
    }
    await on(desk.url, { height: 980, hash: '/history' }, async (page) => {
      await page.locator('.results tbody tr').nth(5).waitFor();
      await picture(page, 'history');
    });
    await desk.close();
  }, 90_000);

  it('of a call, of trying it and of the settings', async () => {
    const model = await loadModel(join(ROOT, 'models/default'));
    const rules = readAlertRules(RULES, model.manifest.labels);
    model.dispose();
    const desk = await RealServer.start({ rules });
    const callId = 'billing-4217';
    const metadata = { queue: 'billing', campaign: 'spring' };
    const stream = await desk.call(callId, { untilMs: 26_000, stop: false, metadata });
    stream.mark('transferred');
    // The rest of it: 8 kHz, two sides, a byte a sample, behind the header.
    await stream.send((await readFile(DEMO_CALL)).subarray(60 + 2 * 8_000 * 26));
    await stream.stop();
    const state = async (): Promise<string> =>
      ((await (await fetch(new URL(`/v1/calls/${callId}`, desk.url))).json()) as { state: string }).state;
    while ((await state()) !== 'ended') await new Promise((later) => setTimeout(later, 200));
    for (const [suffix, look] of BOTH) {
      await on(desk.url, { height: 1180, hash: `/calls/${callId}`, ...look }, async (page) => {
        await page.locator('.call-leg canvas').first().waitFor();
        await page.getByText('recording', { exact: true }).waitFor();
        const area = page.getByRole('group', { name: 'Timeline of the call' });
        await area.focus();
        await page.keyboard.press('Home');
        for (let n = 0; n < 6; n += 1) await page.keyboard.press('Shift+ArrowRight');
        await area.evaluate((element) => (element as HTMLElement).blur());
        await picture(page, `call${suffix}`);
      });
    }
    await on(desk.url, { height: 960, hash: '/try' }, async (page) => {
      await page.getByText('As fast as it goes').click();
      await page.getByLabel('Who speaks').selectOption('customer');
      await page.getByLabel('Recording').setInputFiles(DEMO_CALL);
      await page.getByRole('link', { name: 'Open it as a call' }).waitFor({ timeout: 60_000 });
      await picture(page, 'try');
    });
    await on(desk.url, { height: 1080, hash: '/settings' }, async (page) => {
      const editor = page.getByLabel('Alert rules, YAML or JSON');
      await editor.fill(RULES);
      await page.getByLabel('Try them on').selectOption(callId);
      await page.getByRole('button', { name: 'When would they have fired?' }).click();
      await page.getByText(/\d alerts? in the/).waitFor();
      await picture(page, 'settings');
    });
    await desk.close();
  }, 90_000);
});
