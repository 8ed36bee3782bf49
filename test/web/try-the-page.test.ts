import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forgetBuiltPage } from './desk-server.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings, shot } from './page.ts';
import { DEMO_CALL, RealServer } from './real-server.ts';

describe('trying it', () => {
  let browser: Browser;
  let desk: RealServer;
  let folder: string;
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'undertone-try-'));
    // One side, in the one coding that the browser's false microphone reads.
    const voice = join(folder, 'voice.wav');
    execFileSync('sox', ['-D', '-v', '0.8', DEMO_CALL, '-r', '48000', '-e', 'signed', '-b', '16', voice, 'remix', '1']);
    desk = await RealServer.start();
    browser = await launchChromium([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${voice}`,
    ]);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ close }) => close()));
  });
  afterAll(async () => {
    await browser?.close();
    await desk?.close();
    await forgetBuiltPage();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(options: OpenOptions = {}): Promise<OpenedPage> {
    const tab = await openPage(browser, desk.url, { hash: '/try', ...options });
    opened.push(tab);
    await tab.page.getByRole('heading', { name: 'Try it' }).waitFor();
    return tab;
  }

  it('hears the microphone, shows the mood as one speaks, and stops when told', async () => {
    const { page, errors } = await open({ permissions: ['microphone'] });
    await shot(page, 'try-empty');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Listen to the microphone' }).click();
    await expect.poll(() => desk.server.openStreams, { timeout: 10_000 }).toBe(1);
    // The demo call begins with speech: a label, or the honest lack of one, within a few windows.
    await page.locator('.mood-word').waitFor();
    await expect
      .poll(() => page.locator('.mood-word').textContent(), { timeout: 20_000 })
      .toMatch(/Anger|Disgust|Fear|Happiness|Neutral|Sadness|Surprise|Unsure/);
    if (process.env['UNDERTONE_SHOTS'] !== undefined) await page.waitForTimeout(4_000);
    await shot(page, 'try-live');
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Open it as a call' }).waitFor();
    await expect.poll(() => desk.server.openStreams).toBe(0);
    expect(errors).toEqual([]);
  }, 60_000);

  it('hears a recording of two sides as fast as it goes, and gives each side what the server says of it', async () => {
    const { page, errors } = await open({ width: 1280, height: 1200 });
    await page.getByText('As fast as it goes').click();
    await page.getByLabel('Recording').setInputFiles(DEMO_CALL);
    await page.getByRole('link', { name: 'Open it as a call' }).waitFor({ timeout: 40_000 });
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['side 1', 'side 2']);
    expect(await page.getByText(/of the time; \d+ turns?/).count()).toBe(2);
    const painted = await page.locator('.try-time canvas').evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const pixels = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data;
        let filled = 0;
        for (let at = 3; at < pixels.length; at += 4) if (pixels[at]! > 0) filled += 1;
        return filled / (width * height);
      }),
    );
    for (const share of painted) expect(share).toBeGreaterThan(0.5);
    await shot(page, 'try-recording');
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
  }, 60_000);

  it('takes a recording that is dropped, and says what is wrong with a file that is none', async () => {
    const { page } = await open();
    const drop = (name: string, bytes: readonly number[]): Promise<void> =>
      page.evaluate(
        ([file, content]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(content as number[])], file as string));
          dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        },
        [name, bytes] as const,
      );
    await drop('notes.txt', [110, 111]);
    await page.getByText('The browser cannot read “notes.txt” as audio.').waitFor();
    await page.getByText('As fast as it goes').click();
    await drop('call.wav', [...(await readFile(DEMO_CALL)).subarray(0, 120_000)]);
    await page.getByRole('link', { name: 'Open it as a call' }).waitFor({ timeout: 40_000 });
  }, 60_000);

  it('says what to do where there is no microphone to be had', async () => {
    const { page } = await open();
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await page.getByRole('button', { name: 'Listen to the microphone' }).click();
    await page.getByText('Allow it beside the address').waitFor();
    expect(desk.server.openStreams).toBe(0);
  });

  it('lets go of the microphone and of the stream when one leaves the page', async () => {
    const { page } = await open({ permissions: ['microphone'] });
    await page.getByRole('button', { name: 'Listen to the microphone' }).click();
    await expect.poll(() => desk.server.openStreams, { timeout: 10_000 }).toBe(1);
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect.poll(() => desk.server.openStreams, { timeout: 10_000 }).toBe(0);
  }, 30_000);

  it('is readable on a phone, in the dark', async () => {
    const { page } = await open({ width: 390, height: 844, dark: true, touch: true });
    await page.getByText('As fast as it goes').click();
    await page.getByLabel('Recording').setInputFiles(DEMO_CALL);
    await page.getByRole('link', { name: 'Open it as a call' }).waitFor({ timeout: 40_000 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shot(page, 'try-phone');
    expect(await seriousFindings(page)).toEqual([]);
  }, 60_000);
});
