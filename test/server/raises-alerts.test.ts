import { afterAll, describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import { encodeEvent } from '../../src/protocol/index.ts';
import type { RunningServer } from '../../src/server/index.ts';
import { createAnalyzer, readAlertRules } from '../../src/streams/index.ts';
import { fakeManifest, LinearModel } from '../streams/fake-model.ts';
import { audio, Peer, SHORT, start } from './harness.ts';
import { startBuilt } from './workers/built.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const SECONDS = 5;
const RULES = readAlertRules(`
rules:
  - name: caller is loud
    when: { measure: level, of: customer, above: -60 }
  - name: a while
    severity: high
    when: { measure: duration, above: 1 s }
  - name: the length of a live call is not known
    when: { measure: duration, above: 0 s }
    during: { from: 10 % }
`);
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;

const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

const plain = (text: string): string => text.replace(/"latencyMs":[\d.]+/, '').replace(/"streamId":"[^"]*"/, '');

/** The timeline that a producer sees, and a subscriber who comes late. */
async function timelines(server: RunningServer): Promise<{ readonly own: string[]; readonly late: string[] }> {
  servers.push(server);
  const peer = await Peer.started(server, { format: FORMAT, streamId: 's', channels: [...CHANNELS], analysis: SHORT });
  const bytes = audio(SECONDS, FORMAT);
  for (let at = 0; at < bytes.length; at += 1111) peer.send(bytes.subarray(at, at + 1111));
  peer.json({ type: 'stop' });
  expect(await peer.closed()).toBe(1000);
  const late = await Peer.subscribe(server, 'stream=s&from=start');
  await late.closed();
  return { own: peer.timeline, late: late.timeline };
}

const alertsOf = (timeline: readonly string[]): string[] =>
  timeline.filter((text) => text.startsWith('{"type":"alert"'));

describe('a server with rules', () => {
  it('puts the alerts of an analysis without a server on the timeline, the same bytes for every subscriber', async () => {
    const { own, late } = await timelines(await start({ rules: RULES }));
    const offline: string[] = [];
    const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
      streamId: 's',
      callId: 's',
      format: FORMAT,
      channels: CHANNELS,
      analysis: { ...SHORT, descriptors: [] },
      rules: RULES,
    });
    stream.events.subscribe((event) => offline.push(encodeEvent(event)));
    stream.push(audio(SECONDS, FORMAT));
    stream.stop('stop');
    expect(own.map(plain)).toEqual(offline.map(plain));
    expect(late).toEqual(own);
    const states = alertsOf(own).map((text) => (JSON.parse(text) as { rule: string; state: string }).rule);
    expect(new Set(states)).toEqual(new Set(['caller is loud', 'a while']));
    expect(own.map((text) => (JSON.parse(text) as { cursor: number }).cursor)).toEqual(own.map((_, index) => index));
    expect(own.at(-1)).toContain('"type":"ended"');
  });

  it('has none without rules', async () => {
    expect(alertsOf((await timelines(await start())).own)).toEqual([]);
  });

  it('gives the same bytes from worker threads', async () => {
    const inline = await timelines(await startBuilt(0, { rules: RULES }));
    const threaded = await timelines(await startBuilt(2, { rules: RULES }));
    expect(alertsOf(inline.own).length).toBeGreaterThan(2);
    expect(threaded.own.map(plain)).toEqual(inline.own.map(plain));
  }, 60_000);
});
