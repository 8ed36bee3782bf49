import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tap } from '../../src/server/taps.ts';
import { openStore } from '../../src/store/index.ts';
import { audio, MONO, Peer, start, startMessage } from './harness.ts';

/** Writes down what it is told. */
function recorder() {
  const told: string[] = [];
  const texts: string[] = [];
  const bytes: Uint8Array[] = [];
  const tap: Tap = {
    opened: ({ streamId, origin }) => told.push(`opened ${streamId} ${origin}`),
    input: (_, input) => {
      if (input.kind === 'audio') bytes.push(input.bytes);
      if (told.at(-1) !== input.kind) told.push(input.kind);
    },
    event: (_, event) => texts.push(event.bytes.toString()),
    ended: ({ endReason }) => told.push(`ended ${endReason}`),
  };
  return { tap, told, texts, bytes };
}

describe('taps', () => {
  it('hear what comes in and what goes out, in order, and count as nobody’s subscriber', async () => {
    const { tap, told, texts, bytes } = recorder();
    const server = await start({ taps: [tap] });
    const sent = audio(1);
    const peer = await Peer.started(server, { streamId: 's' });
    peer.send(sent);
    peer.json({ type: 'mark', name: 'here' });
    peer.send(sent);
    await peer.until(({ type }) => type === 'mark');
    // A connection that is lost, and the next one, which goes on.
    const token = peer.of('started')[0]?.resume.token ?? '';
    peer.socket.terminate();
    await peer.closed();
    const second = await Peer.stream(server);
    second.json({ ...startMessage(), resume: { token, from: 0 } });
    await second.until(({ type }) => type === 'started');
    second.send(sent);
    second.json({ type: 'stop' });
    await second.closed();
    expect(texts).toEqual(second.timeline);
    expect(Buffer.concat(bytes).equals(Buffer.concat([sent, sent, sent]))).toBe(true);
    expect(told).toEqual([
      'opened s websocket',
      'audio',
      'mark',
      'audio',
      'status',
      'resumed',
      'status',
      'audio',
      'ended stop',
    ]);
    await server.close();
  });

  it('that throw are told of in the log, and harm neither the stream nor the others', async () => {
    const faults: unknown[] = [];
    const broken: Tap = {
      opened: () => {
        throw new Error('injected');
      },
      input: () => {
        throw new Error('injected');
      },
      event: () => {
        throw new Error('injected');
      },
      ended: () => {
        throw new Error('injected');
      },
    };
    const { tap, told, texts } = recorder();
    const logger = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (fields: object) => faults.push(fields),
    };
    const server = await start({ taps: [broken, tap], logger });
    const peer = await Peer.started(server, { streamId: 's', format: MONO });
    peer.send(audio(1));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(1000);
    expect(texts).toEqual(peer.timeline);
    expect(told).toEqual(['opened s websocket', 'audio', 'ended stop']);
    expect(faults.length).toBeGreaterThan(5);
    await server.close();
  });
});

describe('a server whose parts cannot be opened', () => {
  it('does not start, and leaves its store as it was', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'undertone-parts-'));
    const store = await openStore(join(folder, 'calls.db'));
    writeFileSync(join(folder, 'rules.yaml'), 'rules: 7');
    const keys = [new Uint8Array(32)];
    await expect(start({ store, desk: { rulesFile: join(folder, 'rules.yaml') } })).rejects.toMatchObject({
      code: 'rules-invalid',
    });
    await expect(start({ recordings: { folder, keys } })).rejects.toMatchObject({ code: 'usage' });
    await expect(start({ store, recordings: { folder: '/dev/null/x', keys } })).rejects.toMatchObject({
      code: 'file-unwritable',
    });
    await expect(start({ store, host: '192.0.2.1', apiKey: 'k' })).rejects.toMatchObject({
      code: 'address-unavailable',
    });
    expect((await store.calls({})).calls).toEqual([]);
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
