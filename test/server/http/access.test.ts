import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../src/server/http/routes/index.ts';
import { EventReader } from './event-reader.ts';
import { type Desk, openDeskServer } from './harness.ts';
import { specification } from './specification.ts';

const KEY = 'a-key-of-many+letters/';
const OPEN = ['/healthz', '/readyz'];
const SOCKETS = ['/v1/stream', '/v1/telephony', '/v1/telephony/:dialect'];

let desk: Desk;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-page-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Undertone</title>');
  desk = await openDeskServer({ apiKey: KEY, ui: folder });
});
afterAll(async () => {
  await desk.close();
  rmSync(folder, { recursive: true });
});

const guarded = routes.filter(({ path }) => !OPEN.includes(path) && !SOCKETS.includes(path));
const pathOf = (path: string): string => path.replace(/:\w+/g, 'x');

describe('with a key', () => {
  it.each(guarded.map(({ method, path }) => [method, path] as const))(
    '%s %s is not answered without it',
    async (method, path) => {
      for (const [query, headers] of [
        ['', {}],
        ['', { Authorization: 'Bearer wrong' }],
        ['', { Authorization: `Basic ${Buffer.from(`:${KEY}`).toString('base64')}` }],
        ['?key=', {}],
        [`?key=${encodeURIComponent(KEY.slice(1))}`, {}],
        // Nor is it told apart what is wrong with a request otherwise.
        ['?nonsense=1', { Accept: 'text/event-stream' }],
      ] as const) {
        const answer = await desk.ask(method, `${pathOf(path)}${query}`, {
          headers,
          body: method === 'GET' ? undefined : '{',
        });
        expect([answer.status, answer.json<{ code: string }>().code]).toEqual([401, 'unauthorized']);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
    },
  );

  it.each(guarded.map(({ method, path }) => [method, path] as const))(
    '%s %s is answered with it',
    async (method, path) => {
      // Streams of events go on; they are asked for elsewhere.
      if (path === '/v1/floor') return;
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const bearer = await desk.ask(method, pathOf(path), {
        headers: { Authorization: `bearer ${KEY}` },
        body,
      });
      expect(bearer.status).not.toBe(401);
      const query = await desk.ask(method, `${pathOf(path)}?key=${encodeURIComponent(KEY)}`, { body });
      expect(query.status).not.toBe(401);
    },
  );

  it('methods that a path does not know are told to nobody without it', async () => {
    const refused = await desk.ask('PATCH', '/v1/calls');
    expect([refused.status, refused.headers.allow]).toEqual([401, undefined]);
    const known = await desk.ask('PATCH', `/v1/calls?key=${encodeURIComponent(KEY)}`);
    expect([known.status, known.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('events are read with it', async () => {
    const reader = await EventReader.open(`${desk.base}/v1/floor?key=${encodeURIComponent(KEY)}`);
    await reader.until((events) => events.length > 0);
    expect(reader.status).toBe(200);
    reader.leave();
  });

  it('the page, its health and its readiness are open', async () => {
    for (const path of ['/', ...OPEN]) expect((await desk.get(path)).status).toBe(200);
    expect((await desk.ask('GET', '/index.html', { undescribed: true })).status).toBe(200);
    for (const path of SOCKETS) expect((await desk.get(path.replace(':dialect', 'twilio'))).status).toBe(426);
  });

  it('the document says which routes are open, and no others are', () => {
    const open = Object.entries(specification.paths).filter(([, { get }]) => get?.security?.length === 0);
    expect(open.map(([path]) => path).sort()).toEqual(['/', ...OPEN].sort());
  });
});

describe('without a key', () => {
  it('pages of elsewhere, and names that lead here by the DNS of somebody else, are refused', async () => {
    const own = await openDeskServer();
    for (const { method, path } of guarded) {
      const body = method === 'GET' ? undefined : {};
      const foreign = await own.ask(method, pathOf(path), { headers: { Origin: 'https://evil.example' }, body });
      expect([path, foreign.status, foreign.json<{ code: string }>().code]).toEqual([path, 403, 'origin-not-allowed']);
      const rebound = await own.ask(method, pathOf(path), { headers: { Host: 'evil.example' }, body });
      expect([path, rebound.status, rebound.json<{ code: string }>().code]).toEqual([path, 403, 'host-not-allowed']);
    }
    expect((await own.ask('GET', '/v1/streams', { headers: { Origin: 'http://localhost:5173' } })).status).toBe(200);
    await own.close();
  });
});
