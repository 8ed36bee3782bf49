import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunningServer } from '../../../src/server/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { start } from '../harness.ts';
import { ask, askPlain, callOf, eventually, httpOf, openDeskServer } from './harness.ts';

/** A store whose answers to one question wait until they are let go. */
function held(store: Store, question: keyof Store) {
  const waiting: (() => void)[] = [];
  const proxy = new Proxy(store, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]): Promise<unknown> => {
        if (name === question) await new Promise<void>((go) => waiting.push(go));
        return (await Reflect.apply(value, of, given)) as unknown;
      };
    },
  });
  return { store: proxy, waiting };
}

describe('requests', () => {
  it('beyond what a server does at once are told to come back; its health is told all the same', async () => {
    const desk = await openDeskServer();
    const { store, waiting } = held(desk.store, 'calls');
    const server = await start({ store, limits: { maxRequests: 3 } });
    const base = httpOf(server);
    const three = [1, 2, 3].map(() => ask(base, 'GET', '/v1/calls'));
    await eventually(
      async () => waiting.length,
      (count) => count === 3,
    );
    const fourth = await ask(base, 'GET', '/v1/audit');
    expect([fourth.status, fourth.json<{ code: string }>().code]).toEqual([503, 'overloaded']);
    for (const path of ['/healthz', '/readyz']) expect((await ask(base, 'GET', path)).status).toBe(200);
    for (const go of waiting.splice(0)) go();
    expect((await Promise.all(three)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await ask(base, 'GET', '/v1/audit')).status).toBe(200);
    await server.close();
    await desk.close();
  });

  it('for whole calls wait for their turn', async () => {
    const desk = await openDeskServer();
    await callOf(desk.server, 1, { callId: 'x' });
    await desk.get('/v1/calls/x');
    const { store, waiting } = held(desk.store, 'timeline');
    const server = await start({ store });
    const many = Array.from({ length: 10 }, () => ask(httpOf(server), 'GET', '/v1/calls/x/report?format=json'));
    await eventually(
      async () => waiting.length,
      (count) => count === 4,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(waiting.length).toBe(4);
    const letting = setInterval(() => waiting.shift()?.(), 1);
    expect((await Promise.all(many)).map(({ status }) => status)).toEqual(many.map(() => 200));
    clearInterval(letting);
    await server.close();
    await desk.close();
  });
});

describe('answers', () => {
  it('that are not read on are given up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-page-'));
    // More than the buffers of both sides take.
    const size = 64 * 1024 * 1024;
    writeFileSync(join(folder, 'large.wav'), Buffer.alloc(size));
    const server: RunningServer = await start({ ui: folder, limits: { idleTimeoutMs: 300 } });
    const socket = connect(server.port, '127.0.0.1');
    let read = 0;
    let wanted = false;
    socket.on('error', () => {});
    socket.on('data', (part) => {
      read += part.length;
      if (!wanted) socket.pause();
    });
    await once(socket, 'connect');
    socket.write('GET /large.wav HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    wanted = true;
    socket.resume();
    await once(socket, 'close');
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(size);
    const whole = await askPlain(httpOf(server), 'GET', '/large.wav');
    expect(whole.bytes.length).toBe(size);
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('that take long to be made are waited for', async () => {
    const desk = await openDeskServer();
    await callOf(desk.server, 1, { callId: 'x' });
    await desk.get('/v1/calls/x');
    const { store, waiting } = held(desk.store, 'eraseCall');
    const server = await start({ store, limits: { idleTimeoutMs: 300 } });
    const erased = ask(httpOf(server), 'DELETE', '/v1/calls/x?by=Kim');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(waiting.length).toBe(1);
    waiting[0]?.();
    expect((await erased).json()).toEqual({ erased: ['x'] });
    await server.close();
    await desk.close();
  });
});
