import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import type { SegmentEvent, TimelineEvent, WindowEvent } from '../../src/protocol/index.ts';
import { type Checkpoint, createAnalyzer, type LocalStream, type StreamOptions } from '../../src/streams/index.ts';
import { babble } from './babble.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const analysis = { windowMs: 1000, stepMs: 200, descriptors: [] };

function optionsOf(format: AudioFormat): StreamOptions {
  const channels = Array.from({ length: format.channels }, (_, index) => ({
    name: `${index}`,
    role: 'unknown' as const,
  }));
  return { streamId: 's', callId: 's', format, channels, analysis };
}

function open(format: AudioFormat, events: TimelineEvent[], from?: Checkpoint): LocalStream {
  const analyzer = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) });
  const stream = analyzer.open({ ...optionsOf(format), ...(from && { from }) });
  stream.events.subscribe((event) => events.push(event));
  return stream;
}

/** A stream whose analysis is lost after `lostAtMs`, and goes on elsewhere, where it had received `resumedAtMs`. */
function interrupted(format: AudioFormat, seconds: number, lostAtMs: number, resumedAtMs: number): TimelineEvent[] {
  const bytes = babble(format, seconds);
  const bytesAt = (ms: number): number =>
    Math.floor((ms * format.sampleRateHz) / 1000) * (bytes.length / (seconds * format.sampleRateHz));
  const events: TimelineEvent[] = [];
  const first = open(format, events);
  first.push(bytes.subarray(0, bytesAt(lostAtMs)));
  // As it crosses threads.
  const from = JSON.parse(JSON.stringify(first.checkpoint())) as Checkpoint;
  const second = open(format, events, from);
  const resumed = Math.floor((resumedAtMs * format.sampleRateHz) / 1000);
  second.gap(((resumed - second.receivedSamples) * 1000) / format.sampleRateHz, 'The analysis was interrupted.');
  second.push(bytes.subarray(bytesAt(resumedAtMs)));
  second.stop('stop');
  return events;
}

const whole = (format: AudioFormat, seconds: number): TimelineEvent[] => {
  const events: TimelineEvent[] = [];
  const stream = open(format, events);
  stream.push(babble(format, seconds));
  stream.stop('stop');
  return events;
};
const windowsOf = (events: readonly TimelineEvent[]): WindowEvent[] =>
  events.filter((event) => event.type === 'window');
const grid = (events: readonly TimelineEvent[]) =>
  windowsOf(events).map(({ channel, seq, startMs, endMs }) => ({ channel, seq, startMs, endMs }));

describe.each<AudioFormat>([
  { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
  { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
  { encoding: 'pcm_s16le', sampleRateHz: 11_025, channels: 1 },
])('a stream of $sampleRateHz Hz that goes on from a checkpoint', (format) => {
  const events = interrupted(format, 8, 3210, 3650);

  it('has the cursors, sequences and window positions of one that was never interrupted', () => {
    expect(events.map(({ cursor }) => cursor)).toEqual(events.map((_, index) => index));
    expect(grid(events)).toEqual(grid(whole(format, 8)));
  });

  it('says what was lost, from the end of the last window to where it goes on', () => {
    const gaps = events.filter((event) => event.type === 'status');
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({
      code: 'gap',
      startMs: 3200,
      endMs: 3650,
      message: 'The analysis was interrupted.',
    });
  });

  it('gives the windows that hear nothing of the interruption', () => {
    // The level is the one figure that remembers nothing of earlier audio; the speech detector and the smoothing do.
    const levels = (all: readonly TimelineEvent[]) =>
      windowsOf(all).flatMap(({ startMs, quality }) => (startMs >= 3800 ? [quality.levelDb] : []));
    const expected = levels(whole(format, 8));
    expect(expected.length).toBeGreaterThan(5);
    levels(events).forEach((levelDb, index) => {
      expect(Math.abs(levelDb - expected[index]!)).toBeLessThan(0.2);
    });
  });

  it('tiles every channel with segments, and counts all windows at the end', () => {
    for (let channel = 0; channel < format.channels; channel += 1) {
      const segments = events.filter(
        (event): event is SegmentEvent => event.type === 'segment' && event.channel === channel,
      );
      let endMs = 0;
      for (const segment of segments) {
        expect(segment.startMs).toBe(endMs);
        endMs = segment.endMs;
      }
      expect(endMs).toBe(8000);
      const windows = windowsOf(events).filter((window) => window.channel === channel).length;
      expect(segments.reduce((sum, segment) => sum + segment.windows, 0)).toBe(windows);
      const ended = events.at(-1);
      expect(ended?.type === 'ended' && ended.channels[channel]?.windows).toBe(windows);
    }
  });
});

describe('a stretched stream', () => {
  const format: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };

  it('has its windows at multiples of the longer step, with the numbers going on', () => {
    const bytes = babble(format, 6);
    const events: TimelineEvent[] = [];
    const stream = open(format, events);
    stream.push(bytes.subarray(0, 2100 * 16));
    stream.stretch(4);
    stream.push(bytes.subarray(2100 * 16, 4500 * 16));
    stream.stretch(1);
    stream.push(bytes.subarray(4500 * 16));
    stream.stop('stop');
    const windows = windowsOf(events);
    expect(windows.map(({ seq }) => seq)).toEqual(windows.map((_, index) => index));
    expect(windows.map(({ endMs }) => endMs)).toEqual([
      ...[200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000],
      ...[2400, 3200, 4000],
      ...[4600, 4800, 5000, 5200, 5400, 5600, 5800, 6000],
    ]);
  });
});
