import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, DeskServer, forgetBuiltPage } from './desk-server.ts';
import { launchChromium, type OpenedPage, type OpenOptions, openPage, seriousFindings, shot } from './page.ts';

describe('the shell of the page', () => {
  let browser: Browser;
  let desk: DeskServer;
  const opened: OpenedPage[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ close }) => close()));
    await desk?.close();
  });
  afterAll(async () => {
    await browser?.close();
    await forgetBuiltPage();
  });

  async function open(options: OpenOptions & { apiKey?: string } = {}): Promise<OpenedPage> {
    desk = await DeskServer.start(options.apiKey === undefined ? {} : { apiKey: options.apiKey });
    const tab = await openPage(browser, desk.url, options);
    opened.push(tab);
    return tab;
  }

  it('is under 150 kB gzipped in all, and has no script or style inside its HTML', async () => {
    const folder = await builtPage();
    const names = await readdir(folder);
    const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(folder, name))).length));
    expect(names).toEqual(expect.arrayContaining(['index.html', 'main.js', 'styles.css']));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)| on\w+=/);
    expect(html).not.toMatch(/https?:\/\//);
  });

  it('asks nobody but its own server', async () => {
    const { page, errors } = await open();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    for (const hash of ['#/history', '#/settings', '#/try', '#/calls/c-1', '#/']) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.waitForTimeout(200);
    }
    expect(asked.filter((url) => !url.startsWith(desk.url))).toEqual([]);
    expect(errors.filter((error) => error.includes('Content Security Policy'))).toEqual([]);
  });

  it('goes where the address says, by link, by history and by keyboard', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect.poll(() => page.url()).toContain('#/settings');
    await expect.poll(() => page.title()).toBe('Settings · Undertone');
    expect(await page.getByRole('link', { name: 'Settings' }).getAttribute('aria-current')).toBe('page');
    await page.goBack();
    await expect.poll(() => page.title()).toBe('Floor · Undertone');
    await page.evaluate(() => {
      location.hash = '#/nothing/here';
    });
    await page.getByText('There is no such page').waitFor();
  });

  it('says when a part of it cannot be loaded, and loads it when asked again', async () => {
    const { page } = await open();
    await page.route('**/page-*.js', (route) => route.abort());
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByText('This part of the page could not be loaded').waitFor();
    await page.unroute('**/page-*.js');
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
  });

  it('lets the keyboard skip to the content', async () => {
    const { page } = await open();
    await page.getByText('It is quiet').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('wants the key where the server does, keeps it for the tab only, and sends it in the header', async () => {
    const { page } = await open({ apiKey: 's3cret & more' });
    await page.getByLabel('API key').fill('wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('The server does not take this key.').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await shot(page, 'key');
    await page.getByLabel('API key').fill('s3cret & more');
    await page.getByRole('button', { name: 'Open' }).click();
    await expect.poll(() => desk.watchers).toBe(1);
    expect(await page.evaluate(() => [JSON.stringify(localStorage), sessionStorage.getItem('undertone.key')])).toEqual([
      '{}',
      's3cret & more',
    ]);
    expect(desk.requests.map(({ query }) => query.toString()).join()).not.toContain('s3cret');
    await page.reload();
    await expect.poll(() => desk.requests.length).toBeGreaterThan(1);
    expect(await page.getByLabel('API key').count()).toBe(0);
  });

  it('takes a key from behind the # and out of the address', async () => {
    const { page } = await open({ apiKey: 's3cret', hash: '/?key=s3cret' });
    await expect.poll(() => desk.watchers).toBe(1);
    expect(page.url()).not.toContain('s3cret');
  });

  it('follows the theme of the system until one is chosen, and keeps the choice', async () => {
    const { page } = await open({ dark: true });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const night = await ground();
    await page.getByRole('button', { name: /^Theme/ }).click();
    const day = await ground();
    expect(day).not.toBe(night);
    await page.reload();
    expect(await ground()).toBe(day);
    expect(await seriousFindings(page)).toEqual([]);
  });
});
