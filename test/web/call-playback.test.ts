import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetail } from '../../src/protocol/index.ts';
import { type DeskAnswer, type DeskRequest, DeskServer, forgetBuiltPage } from './desk-server.ts';
import { type LongCall, longCall } from './long-call.ts';
import { launchChromium, type OpenedPage, openPage, seriousFindings } from './page.ts';

const SECONDS = 20;

/** RIFF/WAVE, PCM of 16 bits, 8 kHz, one channel: a quiet tone. https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html */
function wav(seconds: number): Buffer {
  const samples = 8_000 * seconds;
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8_000, 24);
  bytes.writeUInt32LE(16_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples, 40);
  for (let n = 0; n < samples; n += 1) bytes.writeInt16LE(Math.round(900 * Math.sin(n / 6)), 44 + 2 * n);
  return bytes;
}

describe('the playback of a call', () => {
  let browser: Browser;
  let desk: DeskServer;
  let tab: OpenedPage | undefined;
  let call: LongCall;
  let audio: (request: DeskRequest) => DeskAnswer;
  beforeAll(async () => {
    browser = await launchChromium(['--autoplay-policy=no-user-gesture-required']);
  });
  beforeEach(() => {
    call = longCall('call', 2 * SECONDS, { recorded: true });
    audio = () => ({ bytes: wav(SECONDS), type: 'audio/wav' });
  });
  afterEach(async () => {
    await tab?.close();
    await desk.close();
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
  });

  async function open(key?: string): Promise<Page> {
    desk = await DeskServer.start(key === undefined ? {} : { apiKey: key });
    desk.on('GET', /^\/v1\/calls\/call$/, () => ({ json: call.detail }));
    desk.on('GET', /^\/v1\/calls\/call\/timeline$/, () => ({ json: call.points }));
    desk.on('GET', /^\/v1\/calls\/call\/audio$/, (request) => audio(request));
    desk.on('GET', /^\/v1\/calls\/call\/waveform$/, () => ({
      json: { durationMs: 1_000 * SECONDS, legs: [{ streamId: 'second', channel: 0, peaks: [[-0.2, 0.2]] }] },
    }));
    tab = await openPage(browser, desk.url, { hash: `/calls/call${key === undefined ? '' : `?key=${key}`}` });
    await tab.page.locator('.call-leg canvas').first().waitFor();
    return tab.page;
  }
  const seconds = (page: Page) =>
    page
      .locator('.call-position')
      .textContent()
      .then((text) => Number(/^0:(\d+)/.exec(text ?? '')?.[1]));
  const audioRequests = () => desk.requests.filter(({ path }) => path.endsWith('/audio'));

  it('goes where one points without fetching anything, and plays from there', async () => {
    // Fetched whole, so that it can be sought in; a server without a key gives ranges (test/web/call.test.ts).
    const page = await open('s3cret');
    const box = (await page.getByRole('group', { name: 'Timeline of the call' }).boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + 80);
    await expect.poll(() => seconds(page)).toBe(SECONDS / 2);
    expect(audioRequests()).toEqual([]);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await expect.poll(() => seconds(page), { timeout: 10_000 }).toBeGreaterThan(SECONDS / 2);
    expect(tab?.errors).toEqual([]);
  }, 30_000);

  it('sends the key, and hears one stream where several have different rates', async () => {
    const [first] = call.detail.streams;
    const streams: CallDetail['streams'] = [first!, { ...first!, streamId: 'second', offsetMs: 5_000 }];
    call = { ...call, detail: { ...call.detail, streams } };
    audio = ({ query }) =>
      query.get('stream') === null ? { error: 'recording-rates' } : { bytes: wav(SECONDS - 5), type: 'audio/wav' };
    const page = await open('s3cret');
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByText('Only second is heard').waitFor();
    // It began 5 s after the call did.
    await expect.poll(() => seconds(page), { timeout: 10_000 }).toBeGreaterThanOrEqual(5);
    expect(audioRequests().map(({ query, headers }) => [query.get('stream'), headers.authorization])).toEqual([
      [null, 'Bearer s3cret'],
      ['second', 'Bearer s3cret'],
    ]);
    expect(page.url()).not.toContain('s3cret');
  }, 30_000);

  it('says why there is nothing to be heard, and tries again when told', async () => {
    audio = () => ({ error: 'file-damaged' });
    const page = await open();
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).not.toContain('undefined');
    expect(await seriousFindings(page)).toEqual([]);
    audio = () => ({ bytes: wav(SECONDS), type: 'audio/wav' });
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => seconds(page), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await page.getByRole('alert').count()).toBe(0);
  }, 30_000);

  it('asks for the key where the server does not take it any more, in the middle of a call', async () => {
    const page = await open('s3cret');
    desk.on('GET', /^\/v1\/calls\/call\/audio$/, () => ({ error: 'unauthorized' }));
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.locator('.call').count()).toBe(0);
  }, 30_000);

  it('says that a server without a store has no timeline to show', async () => {
    const page = await open();
    desk.on('GET', /^\/v1\/calls\/other$/, () => ({ error: 'no-store' }));
    await page.evaluate(() => {
      location.hash = '#/calls/other';
    });
    await page.getByText('This server keeps no calls').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
