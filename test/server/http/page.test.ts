import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../../src/server/index.ts';
import { start } from '../harness.ts';
import { ask, httpOf } from './harness.ts';

const HTML = `<!doctype html><title>Undertone</title>${'<p>quiet</p>'.repeat(100)}`;
let folder: string;
let server: RunningServer;
let base: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-page-'));
  mkdirSync(join(folder, 'sub.folder'));
  writeFileSync(join(folder, 'index.html'), HTML);
  writeFileSync(join(folder, 'main.js'), 'export {};');
  writeFileSync(join(folder, 'sub.folder', 'more.css'), 'body{}');
  writeFileSync(join(folder, '.hidden.txt'), 'secret');
  writeFileSync(join(folder, 'noted.md'), 'secret');
  writeFileSync(join(tmpdir(), 'undertone-outside.txt'), 'secret');
  symlinkSync('/dev/zero', join(folder, 'endless.txt'));
  server = await start({ ui: folder });
  base = httpOf(server);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
  rmSync(join(tmpdir(), 'undertone-outside.txt'));
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  ask(base, method, path, { headers, undescribed: true });

describe('the page', () => {
  it('may do nothing but talk to its own server, and asks for the microphone alone', async () => {
    const { status, headers, body } = await get('/');
    expect([status, body]).toEqual([200, HTML]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(HTML.length),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'microphone=(self)',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-cache',
    });
    const policy = Object.fromEntries(
      String(headers['content-security-policy'])
        .split('; ')
        .map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
    );
    expect(policy['default-src']).toEqual(["'none'"]);
    expect(policy['frame-ancestors']).toEqual(["'none'"]);
    expect(policy['base-uri']).toEqual(["'none'"]);
    for (const directive of ['script-src', 'style-src', 'connect-src', 'worker-src']) {
      expect(policy[directive]).toEqual(["'self'"]);
    }
    expect(String(headers['content-security-policy'])).not.toMatch(/unsafe|https?:|\*/);
  });

  it.each([
    ['/index.html', 'text/html; charset=utf-8'],
    ['/main.js', 'text/javascript; charset=utf-8'],
    ['/sub.folder/more.css', 'text/css; charset=utf-8'],
  ])('has %s as %s', async (path, type) => {
    const { status, headers } = await get(path);
    expect([status, headers['content-type']]).toEqual([200, type]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('is not sent again as long as it is the same', async () => {
    const first = await get('/main.js');
    const tag = String(first.headers.etag);
    expect(tag).toMatch(/^W\/"[\w-]{20,}"$/);
    for (const match of [tag, tag.slice(2), `"other", ${tag}`, '*']) {
      const same = await get('/main.js', { 'If-None-Match': match });
      expect([match, same.status, same.body, same.headers.etag]).toEqual([match, 304, '', tag]);
      expect(same.headers['content-security-policy']).toContain("default-src 'none'");
    }
    expect((await get('/main.js', { 'If-None-Match': '"other"' })).status).toBe(200);
    writeFileSync(join(folder, 'main.js'), 'export const changed = 1;');
    utimesSync(join(folder, 'main.js'), new Date(), new Date(Date.now() + 5_000));
    const changed = await get('/main.js', { 'If-None-Match': tag });
    expect([changed.status, changed.body]).toEqual([200, 'export const changed = 1;']);
  });

  it('comes compressed to whoever takes it', async () => {
    const brotli = await get('/', { 'Accept-Encoding': 'gzip, deflate, br' });
    expect([brotli.headers['content-encoding'], brotli.headers.vary]).toEqual(['br', 'Accept-Encoding']);
    expect(brotliDecompressSync(brotli.bytes).toString()).toBe(HTML);
    const zipped = await get('/', { 'Accept-Encoding': 'gzip;q=1.0, br;q=0' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.bytes).toString()).toBe(HTML);
    expect((await get('/', { 'Accept-Encoding': 'identity, brx' })).headers['content-encoding']).toBeUndefined();
    // A few bytes are not worth it.
    expect(
      (await get('/sub.folder/more.css', { 'Accept-Encoding': 'br' })).headers['content-encoding'],
    ).toBeUndefined();
  });

  it('has a head, and is only read', async () => {
    const head = await get('/', {}, 'HEAD');
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', String(HTML.length)]);
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const refused = await get('/', {}, method);
      expect([method, refused.status, refused.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    }
    expect((await get('/nothing.js', {}, 'POST')).status).toBe(404);
  });

  it.each([
    '/.hidden.txt',
    '/noted.md',
    '/sub.folder',
    '/sub.folder/',
    '/sub.folder/../main.js%00',
    '/%6Dain.js',
    '/sub.folder/..%2f..%2fundertone-outside.txt',
    '/..%5cundertone-outside.txt',
    '/index.html/',
    '/index.html/x',
    '/endless.txt',
    '/main.js.map',
  ])('has no %s', async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });

  it('is not there unless it is asked for', async () => {
    const bare = await start();
    expect((await ask(httpOf(bare), 'GET', '/')).status).toBe(404);
    await bare.close();
  });
});
