import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Outcome, type PostOptions, post } from '../../../src/server/webhooks/post.ts';
import type { ResolveHost } from '../../../src/server/webhooks/resolve.ts';
import { deadPort, Receiver, rawServer, status } from './receiver.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiver(): Promise<Receiver> {
  const started = await Receiver.start();
  closing.push(() => started.close());
  return started;
}

async function raw(onSocket: (socket: Socket) => void): Promise<string> {
  const server = await rawServer(onSocket);
  closing.push(server.close);
  return `http://127.0.0.1:${server.port}/hook`;
}

const unasked: ResolveHost = () => Promise.reject(new Error('no name was to be looked up'));
const send = (url: string, more: Partial<PostOptions> = {}): Promise<Outcome> =>
  post({
    url: new URL(url),
    headers: { 'webhook-id': 'msg_1' },
    body: Buffer.from('{"type":"call.started"}'),
    timeoutMs: 5_000,
    allowPrivate: true,
    resolve: unasked,
    signal: new AbortController().signal,
    ...more,
  });
const answered = (code: number, retryAfter?: string): Outcome => ({ kind: 'answered', status: code, retryAfter });
const failed = (why: string): Outcome => ({ kind: 'failed', why });

describe('an attempt', () => {
  it('posts the body as it is, with its headers', async () => {
    const peer = await receiver();
    expect(await send(peer.url)).toEqual(answered(204));
    expect(peer.received).toEqual([
      {
        method: 'POST',
        path: '/hook',
        body: '{"type":"call.started"}',
        headers: {
          'content-type': 'application/json',
          'content-length': '23',
          'webhook-id': 'msg_1',
          host: `127.0.0.1:${peer.port}`,
          connection: 'close',
        },
      },
    ]);
  });

  it.each([200, 201, 202, 299, 400, 401, 404, 410, 500, 503])('tells the status %i', async (code) => {
    const peer = await receiver();
    peer.answer = status(code, {}, code === 204 ? '' : 'body');
    expect(await send(peer.url)).toEqual(answered(code));
  });

  it('tells what Retry-After asks for', async () => {
    const peer = await receiver();
    peer.answer = status(429, { 'retry-after': '120' });
    expect(await send(peer.url)).toEqual(answered(429, '120'));
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %i to a private address reaches nobody', async (code) => {
    const inside = await receiver();
    const peer = await receiver();
    peer.answer = status(code, { location: inside.url });
    expect(await send(peer.url)).toEqual(answered(code));
    expect(inside.connections).toBe(0);
  });

  it('is over in its time where nobody answers', async () => {
    const silent = await raw(() => {});
    expect(await send(silent, { timeoutMs: 100 })).toEqual(failed('no answer within 0.1 s'));
  });

  it('is over in its time where the head drips in for ever', async () => {
    const slow = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 5);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await send(slow, { timeoutMs: 150 })).toEqual(failed('no answer within 0.15 s'));
  });

  it('is decided by the status where the body drips in for ever, and cuts the connection', async () => {
    let closed = (): void => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const slow = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const drip = setInterval(() => socket.write('1\r\nx\r\n'), 5);
      socket.on('close', () => {
        clearInterval(drip);
        closed();
      });
    });
    expect(await send(slow)).toEqual(answered(200));
    await gone;
  });

  it('reads no more than a little of a body without end', async () => {
    let written = 0;
    let closed = (): void => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const endless = await raw((socket) => {
      socket.write('HTTP/1.1 500 Oh\r\n\r\n');
      const block = Buffer.alloc(65_536);
      const more = (): void => {
        while (!socket.destroyed && socket.write(block, () => {})) written += block.length;
      };
      socket.on('drain', more);
      socket.on('close', closed);
      more();
    });
    expect(await send(endless)).toEqual(answered(500));
    await gone;
    // What the system's own buffers took, and no more.
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('is told what broke in a word of the system, never in words with an address', async () => {
    const port = await deadPort();
    expect(await send(`http://127.0.0.1:${port}/secret-path`)).toEqual(failed('ECONNREFUSED'));
    const reset = await raw((socket) => socket.on('data', () => socket.resetAndDestroy()));
    expect(await send(reset)).toEqual(failed('ECONNRESET'));
    const shut = await raw((socket) => socket.on('data', () => socket.end()));
    expect(await send(shut)).toEqual(failed('ECONNRESET'));
    const nonsense = await raw((socket) => socket.end('I am no HTTP server\r\n\r\n'));
    expect(await send(nonsense)).toEqual(failed('HPE_INVALID_CONSTANT'));
    const headers = await raw((socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`));
    expect(await send(headers)).toEqual(failed('HPE_HEADER_OVERFLOW'));
  });

  it('speaks TLS to an https address, and trusts nobody who cannot prove the name', async () => {
    const peer = await receiver();
    const outcome = await send(`https://127.0.0.1:${peer.port}/`);
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(peer.received).toEqual([]);
  });

  it('is given up when the server shuts down', async () => {
    const silent = await raw(() => {});
    const controller = new AbortController();
    const sent = send(silent, { signal: controller.signal });
    controller.abort();
    expect(await sent).toEqual(failed('given up: the server shuts down'));
    expect(await send(silent, { signal: controller.signal })).toEqual(failed('given up: the server shuts down'));
  });
});

describe('where an attempt may go', () => {
  const names =
    (...addresses: string[]): ResolveHost =>
    () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

  it.each([
    ['http://127.0.0.1/', 'an address that is this machine'],
    ['https://127.0.0.1/', 'an address that is this machine'],
    ['https://2130706433/', 'an address that is this machine'],
    ['https://0x7f.1/', 'an address that is this machine'],
    ['https://[::1]/', 'an address that is this machine'],
    ['https://169.254.169.254/latest/meta-data', 'an address that is link-local'],
    ['https://[::ffff:10.0.0.1]/', 'an address that is private'],
    ['https://[fe80::1]/', 'an address that is not public'],
  ])('is not %s', async (url, why) => {
    expect(await send(url, { allowPrivate: false })).toEqual(failed(`its name leads to ${why}`));
  });

  it('is nowhere that a name leads inside to, even where it leads outside, too', async () => {
    const peer = await receiver();
    for (const addresses of [
      ['127.0.0.1'],
      ['93.184.216.34', '127.0.0.1'],
      ['2606:2800:220:1::1', '::1'],
      ['100.64.0.1'],
    ]) {
      const url = `https://hook.example.com:${peer.port}/`;
      const outcome = await send(url, { allowPrivate: false, resolve: names(...addresses) });
      expect(outcome).toMatchObject({ kind: 'failed', why: expect.stringContaining('its name leads to') });
    }
    expect(peer.connections).toBe(0);
  });

  it('is the address that was checked: the name is asked once, however it answers later', async () => {
    const peer = await receiver();
    const asked: string[] = [];
    const rebinding: ResolveHost = (host) => {
      asked.push(host);
      return Promise.resolve([{ address: asked.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
    };
    // A name that no DNS knows: what is connected to can only be what the look-up said.
    const url = `http://hook.invalid:${peer.port}/x`;
    expect(await send(url, { resolve: rebinding })).toEqual(answered(204));
    expect(asked).toEqual(['hook.invalid']);
    expect(peer.received[0]?.headers.host).toBe(`hook.invalid:${peer.port}`);
  });

  it('tries the next address where one does not answer', async () => {
    const peer = await receiver();
    const url = `http://hook.invalid:${peer.port}/x`;
    // 127.0.0.3 is this machine, too, and nobody listens there.
    expect(await send(url, { resolve: names('127.0.0.3', '127.0.0.1') })).toEqual(answered(204));
  });

  it('is never the internet over plain http', async () => {
    const url = 'http://hook.example.com/';
    expect(await send(url, { resolve: names('93.184.216.34') })).toEqual(
      failed('plain http does not go to the internet'),
    );
    expect(await send(url, { resolve: names('93.184.216.34'), allowPrivate: false })).toEqual(
      failed('plain http is for private networks'),
    );
  });

  it('waits for a name server no longer than for the rest', async () => {
    const never: ResolveHost = () => new Promise(() => {});
    expect(await send('https://a.example/', { resolve: never, timeoutMs: 50 })).toEqual(
      failed('no answer within 0.05 s'),
    );
    expect(await send('https://a.example/', { resolve: names() })).toEqual(failed('its name has no address'));
    const unknown: ResolveHost = () => Promise.reject(Object.assign(new Error('secret name'), { code: 'ENOTFOUND' }));
    expect(await send('https://a.example/', { resolve: unknown })).toEqual(failed('ENOTFOUND'));
  });
});
