import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../server/harness.ts';
import { bundle, inPage, serve } from './bundle.ts';
import type { page } from './page.ts';

declare global {
  // What page.ts puts there.
  var undertonePage: typeof page;
}

describe('the client', () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    const { code } = await bundle('test/client/page.ts');
    site = await serve(code);
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  it('bundles for browsers with nothing of Node', async () => {
    const { code, external } = await bundle('src/client/index.ts');
    expect(external).toEqual([]);
    expect(code).not.toContain('"node:');
    expect(code).not.toMatch(/require\(/);
  });

  it.each([undefined, 's3cret & more'])(
    'streams a tone from Chromium and hears its events (key: %s)',
    async (apiKey) => {
      const server = await start(apiKey === undefined ? {} : { apiKey });
      const tab = await browser.newPage();
      await tab.goto(site.url);
      const heard = await inPage(
        tab.evaluate(([url, key]) => undertonePage.streamTone(url!, key), [server.url, apiKey]),
      );
      expect(heard).toMatchObject({ ends: [500, 1000, 1500, 2000], durationMs: 2000 });
      const { types, streamId } = heard as { types: string[]; streamId: string };
      expect(types).toEqual(expect.arrayContaining(['started', 'window', 'ack', 'ended']));
      const cursors = await tab.evaluate(
        ([url, key, id]) => undertonePage.readHistory(url!, key, id!),
        [server.url, apiKey, streamId],
      );
      expect(cursors.length).toBeGreaterThan(4);
      expect(cursors).toEqual(cursors.map((_, index) => index));
      await tab.close();
      await server.close();
    },
  );

  it('is told that it may not, without a key or from another site', async () => {
    const locked = await start({ apiKey: 's3cret' });
    const open = await start();
    const tab = await browser.newPage();
    await tab.goto(site.url);
    expect(await tab.evaluate((url) => undertonePage.refusal(url), locked.url)).toBe('connection-failed');
    expect(await tab.evaluate((url) => undertonePage.refusal(url), open.url)).toBe('accepted');
    // The same page as seen under a name that is not this machine's: every request for it is answered from the test.
    await tab.route('http://evil.example/', async (route) =>
      route.fulfill({ contentType: 'text/html', body: await (await fetch(site.url)).text() }),
    );
    await tab.goto('http://evil.example/');
    expect(await tab.evaluate((url) => undertonePage.refusal(url), open.url)).toBe('connection-failed');
    await tab.close();
    await Promise.all([locked.close(), open.close()]);
  });
});
