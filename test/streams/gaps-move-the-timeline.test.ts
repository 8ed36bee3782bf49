import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import type { TimelineEvent, WindowEvent } from '../../src/protocol/index.ts';
import { type AnalyzerStream, createAnalyzer } from '../../src/streams/index.ts';
import { babble } from './babble.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };
const BYTES_PER_MS = 16;

function analyse(use: (stream: AnalyzerStream) => void, format = FORMAT): TimelineEvent[] {
  const analyzer = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) });
  const stream = analyzer.open({
    streamId: 's',
    callId: 's',
    format,
    channels: Array.from({ length: format.channels }, (_, index) => ({ name: `${index}`, role: 'unknown' as const })),
    analysis: { windowMs: 1000, stepMs: 200, descriptors: [] },
  });
  const events: TimelineEvent[] = [];
  stream.events.subscribe((event) => events.push(event));
  use(stream);
  stream.stop('stop');
  return events;
}

const windowsOf = (events: readonly TimelineEvent[]): WindowEvent[] =>
  events.filter((event) => event.type === 'window');
const audio = babble(FORMAT, 6);
const cut = (fromMs: number, toMs: number) => audio.subarray(fromMs * BYTES_PER_MS, toMs * BYTES_PER_MS);

describe('a gap', () => {
  it('shorter than a window is heard as silence of that length', () => {
    const zeros = new Uint8Array(300 * BYTES_PER_MS);
    const withZeros = windowsOf(
      analyse((stream) => {
        stream.push(cut(0, 2000));
        stream.push(zeros);
        stream.push(cut(2000, 4000));
      }),
    );
    const withGap = windowsOf(
      analyse((stream) => {
        stream.push(cut(0, 2000));
        stream.gap(300);
        stream.push(cut(2000, 4000));
      }),
    );
    expect(withGap.map(({ endMs }) => endMs)).toEqual(withZeros.map(({ endMs }) => endMs));
    const heard = (windows: WindowEvent[]) =>
      windows.filter(({ endMs }) => endMs < 2000 || endMs > 3400).map(({ cursor: _, ...rest }) => rest);
    // Where audio meets the gap, the resampler's tail is flushed, which leaves a ring of a millisecond: levels agree, not bits.
    heard(withGap).forEach((window, index) => {
      const other = heard(withZeros)[index]!;
      expect(window.quality.levelDb).toBeCloseTo(other.quality.levelDb, 1);
      expect(window.speechRatio).toBeCloseTo(other.speechRatio, 1);
    });
  });

  it('longer than a window is jumped over: later windows stand where they belong, and none inside', () => {
    const events = analyse((stream) => {
      stream.push(cut(0, 2000));
      stream.gap(60_000);
      stream.push(cut(2000, 6000));
    });
    const ends = windowsOf(events).map(({ endMs }) => endMs);
    expect(ends.filter((endMs) => endMs > 3000 && endMs < 62_000)).toEqual([]);
    expect(ends.at(-1)).toBe(66_000);
    expect(windowsOf(events).map(({ seq }) => seq)).toEqual(ends.map((_, index) => index));
    expect(events.at(-1)).toMatchObject({ type: 'ended', durationMs: 66_000 });
  });

  it('longer than a window leaves nothing of what came before it in the windows after it', () => {
    const afterGap = (before: Uint8Array) =>
      windowsOf(
        analyse((stream) => {
          stream.push(before);
          stream.gap(20_000);
          stream.push(cut(3000, 5000));
        }),
      ).filter(({ startMs }) => startMs > 21_500);
    const [quiet, loud] = [afterGap(cut(0, 1000)), afterGap(cut(1500, 2500))];
    expect(quiet.length).toBeGreaterThan(2);
    quiet.forEach((window, index) => {
      // F0's path and the speech detector remember the voice before; the descriptors of the window's own audio do not.
      expect(window.quality).toEqual(loud[index]!.quality);
    });
  });

  it('is told on the timeline, with where it stands', () => {
    const events = analyse((stream) => {
      stream.push(cut(0, 1000));
      stream.gap(5000);
    });
    expect(events.filter(({ type }) => type === 'status')).toMatchObject([{ code: 'gap', startMs: 1000, endMs: 6000 }]);
  });

  it.each([8000, 11_025, 44_100, 48_000])(
    'does not shift what follows, after a thousand of them, at %i Hz',
    (sampleRateHz) => {
      const format: AudioFormat = { ...FORMAT, sampleRateHz, channels: 2 };
      const packet = babble(format, 0.02);
      const events = analyse((stream) => {
        for (let packets = 0; packets < 1000; packets += 1) {
          stream.push(packet);
          stream.gap(7.3);
        }
        stream.push(packet);
      }, format);
      const frames = packet.length / 4;
      const samples = 1001 * frames + 1000 * Math.round(0.0073 * sampleRateHz);
      const durationMs = Math.ceil((samples * 1000) / sampleRateHz);
      expect(events.at(-1)).toMatchObject({ type: 'ended', durationMs });
      const ends = windowsOf(events)
        .filter(({ channel }) => channel === 1)
        .map(({ endMs }) => endMs);
      const grid = Array.from({ length: Math.floor(durationMs / 200) }, (_, index) => (index + 1) * 200);
      expect(ends).toEqual(durationMs % 200 === 0 ? grid : [...grid, durationMs]);
    },
  );

  it('of nothing is nothing', () => {
    const plain = analyse((stream) => stream.push(cut(0, 1000)));
    const withGap = analyse((stream) => {
      stream.gap(0);
      stream.push(cut(0, 1000));
      stream.gap(-5);
    });
    expect(withGap).toEqual(plain);
  });
});

describe('marks', () => {
  it('stand at the position of the audio before them, in the order of the windows', () => {
    const events = analyse((stream) => {
      stream.push(cut(0, 500));
      stream.mark('transfer');
      stream.push(cut(500, 1000));
    });
    const mark = events.findIndex(({ type }) => type === 'mark');
    expect(events[mark]).toMatchObject({ name: 'transfer', atMs: 500 });
    const before = windowsOf(events.slice(0, mark)).map(({ endMs }) => endMs);
    expect(before).toEqual([200, 400]);
  });
});
