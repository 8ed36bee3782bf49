import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../src/server/access.ts';
import { Peer, refused, start } from './harness.ts';

describe('without a key', () => {
  it('only this machine is listened to', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com']) {
      await expect(start({ host })).rejects.toMatchObject({
        code: 'key-required',
        message: expect.stringContaining(host),
      });
      await expect(start({ host, apiKey: '' })).rejects.toMatchObject({ code: 'key-required' });
    }
    expect(
      ['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'].every(isLoopback),
    ).toBe(true);
    expect(
      ['', '0.0.0.0', '::', '127.0.0.1.evil.example', '1270.0.0.1', 'localhost.evil.example', '10.0.0.1'].some(
        isLoopback,
      ),
    ).toBe(false);
  });

  it('pages of other origins are refused, those of this machine and programs are not', async () => {
    const server = await start();
    for (const origin of [
      'https://evil.example',
      'http://127.0.0.1.evil.example',
      'null',
      'file://',
      'https://localhost.evil.example',
    ]) {
      const answer = await refused(`${server.url}/v1/stream`, { headers: { origin } });
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'origin-not-allowed', message: expect.stringContaining(origin) },
      });
    }
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:8080', 'https://[::1]:3000']) {
      const peer = await Peer.open(`${server.url}/v1/stream`, { headers: { origin } });
      peer.socket.close();
    }
    await server.close();
  });

  it('names that lead here by the DNS of someone else are refused', async () => {
    const server = await start();
    for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost@evil.example']) {
      const answer = await refused(`${server.url}/v1/subscribe?stream=*`, { headers: { host } });
      expect(answer).toMatchObject({ status: 403, body: { code: 'host-not-allowed' } });
    }
    const peer = await Peer.open(`${server.url}/v1/stream`, { headers: { host: `localhost:${server.port}` } });
    peer.socket.close();
    await server.close();
  });
});

describe('with a key', () => {
  it('whoever has it may connect, by header or query, from any origin', async () => {
    const server = await start({ apiKey: 'k&y=1' });
    const url = `${server.url}/v1/stream`;
    const origin = 'https://app.example';
    const peers = await Promise.all([
      Peer.open(url, { headers: { authorization: 'Bearer k&y=1' } }),
      Peer.open(url, { headers: { authorization: 'bearer k&y=1', origin, host: 'voice.example' } }),
      Peer.open(`${url}?key=${encodeURIComponent('k&y=1')}`, { headers: { origin } }),
    ]);
    for (const peer of peers) peer.socket.close();
    await server.close();
  });

  it('nobody else', async () => {
    const server = await start({ apiKey: 'secret' });
    const url = `${server.url}/v1/stream`;
    const attempts: readonly { url: string; headers?: Record<string, string> }[] = [
      { url },
      { url: `${url}?key=` },
      { url: `${url}?key=Secret` },
      { url: `${url}?key=secret2` },
      { url, headers: { authorization: 'Bearer' } },
      { url, headers: { authorization: 'Bearer wrong' } },
      { url, headers: { authorization: 'Basic secret' } },
      { url: `${server.url}/v1/subscribe?stream=*` },
      { url: `${server.url}/v1/subscribe` },
    ];
    for (const { url: to, headers = {} } of attempts) {
      const answer = await refused(to, { headers });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    // Health needs no key and says nothing.
    const health = await fetch(`${server.url.replace('ws', 'http')}/healthz`);
    expect(await health.json()).toEqual({ status: 'ok' });
    await server.close();
  });

  it('other machines may be listened to', async () => {
    const server = await start({ host: '0.0.0.0', apiKey: 'secret' });
    const peer = await Peer.open(`ws://127.0.0.1:${server.port}/v1/stream?key=secret`);
    peer.socket.close();
    await server.close();
  });
});

describe('an address that cannot be had', () => {
  it('is a port in use, or no address of this machine', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(String(port)),
    });
    other.close();
    await expect(start({ host: '192.0.2.1', apiKey: 'k' })).rejects.toMatchObject({ code: 'address-unavailable' });
  });

  it('and options that are out of range start nothing', async () => {
    await expect(start({ windowMs: 100 })).rejects.toMatchObject({ code: 'window-out-of-range' });
    await expect(start({ windowMs: 1000, stepMs: 2000 })).rejects.toMatchObject({ code: 'step-out-of-range' });
    await expect(start({ descriptors: ['mood'] })).rejects.toMatchObject({ code: 'unknown-descriptor' });
  });
});

describe('which analysis is in force', () => {
  it('is the model’s, overlaid by the server’s, overlaid by the stream’s', async () => {
    const format = { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 };
    const ask = async (options: Parameters<typeof start>[0], analysis?: object) => {
      const server = await start(options);
      const peer = await Peer.stream(server);
      peer.json({ type: 'start', format, ...(analysis && { analysis }) });
      await peer.until((event) => event.type === 'started');
      await server.close();
      return peer.of('started')[0]!.analysis;
    };
    expect(await ask({})).toEqual({ windowMs: 3000, stepMs: 500, descriptors: [] });
    expect(await ask({ stepMs: 250 })).toEqual({ windowMs: 3000, stepMs: 250, descriptors: [] });
    expect(await ask({ windowMs: 2000, descriptors: ['loudness'] }, { stepMs: 1000 })).toEqual({
      windowMs: 2000,
      stepMs: 1000,
      descriptors: ['loudness'],
    });
    expect(await ask({ stepMs: 2000 }, { windowMs: 1000, descriptors: [] })).toEqual({
      windowMs: 1000,
      stepMs: 1000,
      descriptors: [],
    });
  });
});
