import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../../src/audio/index.ts';
import { featureSet } from '../../../src/features/index.ts';
import { encodeEvent, type TimelineEvent } from '../../../src/protocol/index.ts';
import { tryRules } from '../../../src/server/desk/try-rules.ts';
import type { KeptTimeline } from '../../../src/store/index.ts';
import { createAnalyzer, judgeTimeline, readAlertRules } from '../../../src/streams/index.ts';
import { babble } from '../../streams/babble.ts';
import { fakeManifest, LinearModel } from '../../streams/fake-model.ts';
import { CHANNELS } from './fakes.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const SECONDS = 20;
const RULES = readAlertRules(`
rules:
  - { name: loud, when: { measure: level, of: customer, above: -60 } }
  - { name: silent, when: { measure: silence, of: anyone, above: 300 ms }, cooldown: 500 ms }
  - { name: second half, when: { measure: duration, above: 0 s }, during: { from: 50 %, to: 90 % } }
`);

function eventsOf(rules = RULES): TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
    streamId: 's',
    callId: 's',
    format: FORMAT,
    channels: CHANNELS,
    analysis: { windowMs: 1000, stepMs: 200, descriptors: [] },
    rules,
  });
  stream.events.subscribe((event) => events.push(event));
  stream.push(babble(FORMAT, SECONDS));
  stream.stop('stop');
  return events;
}

const kept = (events: readonly TimelineEvent[], offsetMs = 0): KeptTimeline => ({
  stream: {
    runId: 'r',
    streamId: 's',
    callId: 's',
    startedAtMs: 0,
    model: { name: 'm', version: '1', hash: 'h', labels: [] },
    analysis: { windowMs: 1000, stepMs: 200, descriptors: [] },
    channels: CHANNELS,
    metadata: {},
  },
  offsetMs,
  events: events.map(encodeEvent),
});

describe('rules that are tried on a kept call', () => {
  // What was kept is rounded, so both judge what was read back.
  const events = eventsOf().map((event) => JSON.parse(encodeEvent(event)) as TimelineEvent);
  const expected = judgeTimeline(events, RULES, { channels: CHANNELS, lengthMs: SECONDS * 1000 }).flatMap((event) => {
    if (event.type !== 'alert') return [];
    const { type: _, streamId: __, cursor: ___, ...change } = event;
    return change;
  });

  it('fire as they would have, those in percent of the call too', async () => {
    expect(expected.map(({ rule }) => rule)).toContain('second half');
    expect(expected.length).toBeGreaterThan(10);
    expect(await tryRules(RULES, [kept(events)])).toEqual(expected);
  });

  it('are told in the time of the call, all streams together', async () => {
    const moved = expected.map((change) => ({ ...change, atMs: change.atMs + 700, sinceMs: change.sinceMs + 700 }));
    const together = await tryRules(RULES, [kept(events), kept(events, 700)]);
    expect(together.map(({ atMs }) => atMs)).toEqual(
      [...expected, ...moved].map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
    expect(together.filter(({ atMs }) => atMs > SECONDS * 1000)).toEqual(
      moved.filter(({ atMs }) => atMs > SECONDS * 1000),
    );
  });

  it('take what is known of a call whose end was lost for all of it', async () => {
    const cut = events.slice(0, -20);
    const endMs = Math.max(...cut.flatMap((event) => (event.type === 'window' ? event.endMs : [])));
    const during = (await tryRules(RULES, [kept(cut)])).find(({ rule }) => rule === 'second half');
    expect(during?.atMs).toBeGreaterThanOrEqual(endMs / 2);
    expect(during?.atMs).toBeLessThan(endMs / 2 + 400);
  });
});
