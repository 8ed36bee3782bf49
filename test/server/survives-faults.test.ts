import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import type { Logger, RunningServer } from '../../src/server/index.ts';
import { startServer } from '../../src/server/index.ts';
import { fakeManifest, LinearModel } from '../streams/fake-model.ts';
import { type Fault, fakeAnalyzer } from './fake-analyzer.ts';
import { audio, Peer, pause, start } from './harness.ts';

class FailingModel extends LinearModel {
  fails = false;
  override predict(features: Float32Array, rows: number): Float32Array {
    if (this.fails) throw new Error('injected: predict');
    return super.predict(features, rows);
  }
}

const lines: string[] = [];
const write =
  (level: string) =>
  (fields: object, message: string): void => {
    const error = 'err' in fields && fields.err instanceof Error ? fields.err.message : '';
    lines.push(`${level} ${message} ${JSON.stringify(fields)} ${error}`);
  };
const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };

let server: RunningServer;
const uncaught: unknown[] = [];
const note = (error: unknown): void => {
  uncaught.push(error);
};
beforeAll(async () => {
  process.on('uncaughtException', note);
  server = await start({ createAnalyzer: fakeAnalyzer(), logger });
});
afterAll(async () => {
  await server.close();
  process.off('uncaughtException', note);
});
afterEach(() => {
  lines.length = 0;
  expect(uncaught).toEqual([]);
});

describe('a fault inside one stream ends that stream, and nothing else', () => {
  const cases: readonly (readonly [Fault, code: string | undefined, close: number])[] = [
    ['push-throws', 'internal', 1011],
    ['events-fail', 'internal', 1011],
    ['not-finite', 'internal', 1011],
    ['cursor-hole', 'internal', 1011],
    ['mark-throws', 'internal', 1011],
    ['stop-throws', 'internal', 1011],
    // Nothing is wrong but that it did not say `ended`.
    ['stop-is-silent', undefined, 1000],
  ];

  it.each(cases)('%s', async (fault, code, close) => {
    const witness = await Peer.started(server, { streamId: `witness of ${fault}` });
    witness.send(audio(0.2));
    const watcher = await Peer.subscribe(server, `stream=${fault}`);
    const peer = await Peer.started(server, { streamId: fault, callId: fault });
    peer.send(audio(0.2));
    peer.json({ type: 'mark', name: 'm' });
    peer.send(audio(0.2));
    peer.json({ type: 'stop' });
    expect(await peer.closed()).toBe(close);
    expect(peer.of('error').map((error) => error.code)).toEqual(code === undefined ? [] : [code]);
    // Everyone hears the end, and no hole before it.
    expect(await watcher.closed()).toBe(1000);
    for (const each of [peer, watcher]) {
      expect(JSON.parse(each.timeline.at(-1)!)).toMatchObject({ type: 'ended' });
      const cursors = each.timeline.map((text) => (JSON.parse(text) as { cursor: number }).cursor);
      expect(cursors).toEqual(cursors.map((_, index) => index));
    }
    if (code === 'internal') expect(lines.filter((line) => line.startsWith('error stream failed'))).toHaveLength(1);

    witness.send(audio(0.2));
    witness.json({ type: 'stop' });
    expect(await witness.closed()).toBe(1000);
    expect(witness.of('window')).toHaveLength(2);
    expect(witness.of('error')).toEqual([]);
    expect(server.openStreams).toBe(0);
  });

  it('open-throws', async () => {
    const peer = await Peer.stream(server);
    peer.json({ type: 'start', callId: 'open-throws', format: { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 } });
    expect(await peer.closed()).toBe(1011);
    expect(peer.of('error')).toMatchObject([{ code: 'internal', retryable: true }]);
    expect(server.openStreams).toBe(0);
  });

  it('an error says nothing of the inside', async () => {
    const peer = await Peer.started(server, { callId: 'push-throws' });
    peer.send(audio(0.1));
    await peer.closed();
    expect(peer.texts.join()).not.toMatch(/injected|at .*\.ts/);
  });
});

describe('a model that fails', () => {
  it('ends the streams that were in the call, says so, and the next stream works when it does again', async () => {
    const model = new FailingModel(fakeManifest(featureSet));
    const failing = await startServer({ model, port: 0, logger });
    const peers = [await Peer.started(failing), await Peer.started(failing)];
    model.fails = true;
    for (const peer of peers) peer.send(audio(1));
    for (const peer of peers) {
      expect(await peer.closed()).toBe(1011);
      expect(peer.of('error')).toMatchObject([{ code: 'internal' }]);
      expect(peer.of('ended')).toMatchObject([{ reason: 'error' }]);
    }
    expect(lines.some((line) => line.startsWith('error the model has failed'))).toBe(true);
    model.fails = false;
    const next = await Peer.started(failing);
    next.send(audio(1));
    next.json({ type: 'stop' });
    expect(await next.closed()).toBe(1000);
    expect(next.of('window')).toHaveLength(5);
    await failing.close();
  });
});

describe('what is logged', () => {
  it('holds no id, no name, no key and no metadata of a caller', async () => {
    const secrets = {
      streamId: '+491701234567',
      callId: 'call-of-jane',
      key: 's3cret-key',
      meta: 'jane@example.com',
      channel: 'Jane Doe',
    };
    const open = await start({ apiKey: secrets.key, logger });
    const peer = await Peer.open(`${open.url}/v1/stream?key=${secrets.key}`);
    const format = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };
    const { streamId, callId } = secrets;
    peer.json({
      type: 'start',
      streamId,
      callId,
      format,
      channels: [{ name: secrets.channel }],
      metadata: { mail: secrets.meta },
    });
    peer.send(audio(0.5));
    peer.json({ type: 'mark', name: secrets.channel });
    peer.json({ type: secrets.meta });
    await peer.closed();
    await Peer.open(
      `${open.url}/v1/subscribe?stream=${encodeURIComponent(streamId)}&from=start&key=${secrets.key}`,
    ).then((watcher) => watcher.closed());
    await open.close();
    await pause(10);
    const log = lines.join('\n');
    expect(log).toMatch(/info stream opened .*"encoding":"pcm_s16le"/);
    expect(log).toMatch(/warn rejected .*unknown-type/);
    expect(log).toMatch(/info stream ended/);
    expect(log.match(/info listening .*"runtime":"typescript"/g)).toHaveLength(1);
    for (const secret of Object.values(secrets)) expect(log).not.toContain(secret);
  });
});
