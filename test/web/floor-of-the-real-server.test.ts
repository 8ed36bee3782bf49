import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import type { RunningServer, ServerOptions } from '../../src/server/index.ts';
import { readAlertRules } from '../../src/streams/index.ts';
import { audio, Peer, start } from '../server/harness.ts';
import { builtPage, forgetBuiltPage } from './desk-server.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings } from './page.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const BYTES_PER_SECOND = 32_000;
const RULES = readAlertRules(`
rules:
  - { name: goes-on, severity: medium, when: { measure: duration, above: 2 s } }
`);

describe('the floor of the real server', () => {
  let browser: Browser;
  let server: RunningServer | undefined;
  let tab: OpenedPage | undefined;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await tab?.close();
    await server?.close({ drainMs: 200 });
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
  });

  async function serve(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
    server = await start({ rules: RULES, ui: await builtPage(), ...options });
    return server;
  }

  async function open(on: RunningServer, options: OpenOptions = {}): Promise<OpenedPage['page']> {
    tab = await openPage(browser, `${on.url.replace(/^ws/, 'http')}/`, {
      stored: { 'undertone.name': 'Ada' },
      ...options,
    });
    return tab.page;
  }

  const speak = (on: RunningServer, callId: string): Promise<Peer> =>
    Peer.started(on, {
      format: FORMAT,
      channels: [
        { name: 'caller', role: 'customer' },
        { name: 'agent', role: 'employee' },
      ],
      callId,
      metadata: { queue: 'Billing' },
    });

  async function talk(peer: Peer, fromSeconds: number, toSeconds: number): Promise<void> {
    peer.send(audio(toSeconds, FORMAT).subarray(fromSeconds * BYTES_PER_SECOND));
    // The analysis looks ahead: the window that ends with the last sample waits for more.
    await peer.until(
      (event) => event.type === 'window' && event.channel === 1 && event.endMs === toSeconds * 1000 - 200,
    );
  }

  it('shows a call from its first sound to its end, and its alert, which a supervisor takes', async () => {
    const on = await serve();
    const page = await open(on);
    await page.getByText('It is quiet').waitFor();
    const peer = await speak(on, 'c/1 ü');
    await talk(peer, 0, 4);
    const call = page.getByRole('article', { name: 'Call c/1 ü', exact: true });
    await expect.poll(() => call.locator('.emotion .word').allTextContents(), { timeout: 15_000 }).toHaveLength(2);
    expect(await call.textContent()).toContain('Billing');
    const labels = peer.of('window').filter(({ endMs }) => endMs === 3800);
    const expected = labels.map(({ label }) =>
      label === 'unknown' ? /^(Silence|Noise|Unsure)$/ : new RegExp(label, 'i'),
    );
    // The floor is told once a second: what it shows at first may be a window older.
    for (const [n, word] of expected.entries()) {
      await expect.poll(() => call.locator('.emotion .word').nth(n).textContent(), { timeout: 15_000 }).toMatch(word);
    }

    await expect.poll(() => page.title(), { timeout: 15_000 }).toBe('(1) Floor · Undertone');
    await call.getByRole('button', { name: 'Take: goes-on' }).click();
    await page.getByText('goes-on is yours.').waitFor();
    await expect.poll(() => page.title()).toBe('Floor · Undertone');
    expect(await seriousFindings(page)).toEqual([]);
    // Another supervisor sees it by the server.
    const second = await openPage(browser, page.url(), { stored: { 'undertone.name': 'Ben' } });
    await second.page.getByText('taken by Ada').waitFor({ timeout: 15_000 });
    await second.close();

    await call.getByRole('link').click();
    await expect.poll(() => new URL(page.url()).hash).toBe('#/calls/c%2F1%20%C3%BC');
    await page.goBack();
    await call.waitFor();
    peer.json({ type: 'stop' });
    await peer.closed();
    await page.getByText('It is quiet').waitFor({ timeout: 30_000 });
    expect(tab?.errors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual([]);
  });

  it('is behind the key of the server', async () => {
    const on = await serve({ apiKey: 's3cret' });
    const page = await open(on);
    await page.getByLabel('API key').fill('s3cret');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('It is quiet').waitFor();
  });

  it('comes back after a restart of the server', async () => {
    const on = await serve();
    const page = await open(on);
    await page.getByText('It is quiet').waitFor();
    const port = Number(new URL(on.url).port);
    await on.close({ drainMs: 200 });
    await page.getByText('Connection lost.').waitFor();
    const again = await serve({ port });
    await page.getByText('Connection lost.').waitFor({ state: 'detached', timeout: 30_000 });
    const peer = await speak(again, 'after');
    await talk(peer, 0, 1);
    await page.getByRole('article', { name: 'Call after' }).waitFor({ timeout: 15_000 });
  });
});
