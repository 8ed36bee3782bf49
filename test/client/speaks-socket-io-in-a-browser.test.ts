import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../server/harness.ts';
import { bundle, inPage, serve } from './bundle.ts';
import type { socketIoPage } from './socket-io-page.ts';

declare global {
  // What socket-io-page.ts puts there.
  var undertoneSocketIoPage: typeof socketIoPage;
}

describe('the client with Socket.IO in Chromium', () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    const { code } = await bundle('test/client/socket-io-page.ts');
    // A script may not hold the end of its own element.
    site = await serve(code.replaceAll('</script', '<\\/script'));
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    site?.server.close();
  });

  it('is in no bundle that does not ask for it', async () => {
    const plain = await bundle('src/client/index.ts');
    expect(plain.inputs.filter((path) => /socket\.io-client|engine\.io/.test(path))).toEqual([]);
    const { inputs, external } = await bundle('src/client/socket.io.ts');
    expect(inputs.some((path) => path.includes('node_modules/socket.io-client'))).toBe(true);
    expect(external).toEqual([]);
  });

  it.each<[('polling' | 'websocket')[], string | undefined]>([
    [['polling'], undefined],
    [['websocket'], 's3cret & more'],
    [['polling', 'websocket'], 's3cret & more'],
  ])('streams a tone over %j from a page of another origin (key: %s)', async (transports, apiKey) => {
    const server = await start(apiKey === undefined ? {} : { apiKey });
    const tab = await browser.newPage();
    await tab.goto(site.url);
    const heard = await inPage(
      tab.evaluate(([url, key, list]) => undertoneSocketIoPage.streamTone(url, key, list), [
        server.url,
        apiKey,
        transports,
      ] as const),
    );
    expect(heard).toMatchObject({ ends: [500, 1000, 1500, 2000], durationMs: 2000 });
    const { cursors } = heard as { cursors: number[] };
    expect(cursors).toEqual(cursors.map((_, index) => index));
    expect(cursors.length).toBeGreaterThan(4);
    await tab.close();
    await server.close();
  });

  it('is told that it may not, without a key or from another site', async () => {
    const locked = await start({ apiKey: 's3cret' });
    const open = await start();
    const tab = await browser.newPage();
    await tab.goto(site.url);
    expect(await tab.evaluate((url) => undertoneSocketIoPage.refusal(url), locked.url)).toBe('unauthorized');
    await tab.route('http://evil.example/', async (route) =>
      route.fulfill({ contentType: 'text/html', body: await (await fetch(site.url)).text() }),
    );
    await tab.goto('http://evil.example/');
    expect(await tab.evaluate((url) => undertoneSocketIoPage.refusal(url), open.url)).toBe('connection-failed');
    await tab.close();
    await Promise.all([locked.close(), open.close()]);
  });
});
