import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AudioFormat, bytesPerSampleFrame } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import type { AnalysisSettings, TimelineEvent, WindowEvent } from '../../src/protocol/index.ts';
import { createAnalyzer } from '../../src/streams/index.ts';
import { babble } from './babble.ts';
import { fakeManifest, LinearModel } from './fake-model.ts';

const ANALYSIS: AnalysisSettings = { windowMs: 1000, stepMs: 200, descriptors: [] };

function analyse(
  format: AudioFormat,
  chunks: Iterable<Uint8Array>,
  over: Partial<{ analysis: AnalysisSettings; maxBatch: number; defer: boolean }> = {},
) {
  const runs: (() => void)[] = [];
  const analyzer = createAnalyzer({
    model: new LinearModel(fakeManifest(featureSet)),
    ...(over.maxBatch !== undefined && { maxBatch: over.maxBatch }),
    ...(over.defer && { schedule: (run: () => void) => runs.push(run) }),
  });
  const stream = analyzer.open({
    streamId: 's',
    callId: 's',
    format,
    channels: Array.from({ length: format.channels }, (_, index) => ({
      name: `channel${index}`,
      role: 'unknown' as const,
    })),
    analysis: over.analysis ?? ANALYSIS,
  });
  const events: TimelineEvent[] = [];
  let completed = false;
  stream.events.subscribe({
    next: (event) => events.push(event),
    complete: () => {
      completed = true;
    },
  });
  for (const chunk of chunks) stream.push(chunk);
  stream.stop('stop');
  expect(completed).toBe(true);
  return events;
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let turn = 0;
  for (let at = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const windowsOf = (events: readonly TimelineEvent[]): WindowEvent[] =>
  events.filter((event) => event.type === 'window');

describe('a stream of two channels', () => {
  const format: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
  const bytes = babble(format, 3.3);
  const whole = analyse(format, [bytes]);

  it('gives the same events, byte for byte, however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        expect(JSON.stringify(analyse(format, cut(bytes, sizes)))).toBe(JSON.stringify(whole));
      }),
      { numRuns: 15 },
    );
    expect(JSON.stringify(analyse(format, cut(bytes, [1])))).toBe(JSON.stringify(whole));
  });

  it('gives the same events at any batch size, and when the model answers late', () => {
    for (const maxBatch of [1, 3, 64]) {
      expect(JSON.stringify(analyse(format, [bytes], { maxBatch, defer: true }))).toBe(JSON.stringify(whole));
    }
  });

  it('numbers its events from 0 without holes, and the windows of each channel too', () => {
    expect(whole.map(({ cursor }) => cursor)).toEqual(whole.map((_, index) => index));
    for (const channel of [0, 1]) {
      const windows = windowsOf(whole).filter((window) => window.channel === channel);
      expect(windows.map(({ seq }) => seq)).toEqual(windows.map((_, index) => index));
    }
  });

  it('ends windows on multiples of the step, begins one window earlier but not before 0, and adds a last one at the end', () => {
    const windows = windowsOf(whole).filter((window) => window.channel === 1);
    const ends = [...Array.from({ length: 16 }, (_, index) => (index + 1) * 200), 3300];
    expect(windows.map(({ endMs }) => endMs)).toEqual(ends);
    expect(windows.map(({ startMs }) => startMs)).toEqual(ends.map((end) => Math.max(0, end - 1000)));
  });

  it('orders windows by time, then by channel', () => {
    const order = windowsOf(whole).map(({ endMs, channel }) => endMs * 10 + channel);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('hears each channel as it would alone', () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const left = new Uint8Array(bytes.length / 2);
    for (let frame = 0; frame < bytes.length / 4; frame += 1)
      new DataView(left.buffer).setInt16(frame * 2, view.getInt16(frame * 4, true), true);
    const alone = windowsOf(analyse({ ...format, channels: 1 }, [left]));
    const together = windowsOf(whole).filter(({ channel }) => channel === 0);
    expect(together.map(({ raw, seq, endMs }) => ({ raw, seq, endMs }))).toEqual(
      alone.map(({ raw, seq, endMs }) => ({ raw, seq, endMs })),
    );
  });

  it('gives probabilities that add up to 1', () => {
    for (const { probabilities, raw } of windowsOf(whole)) {
      for (const set of [probabilities, raw])
        expect(Object.values(set).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });

  it('ends with a summary of both channels', () => {
    expect(whole.at(-1)).toMatchObject({
      type: 'ended',
      reason: 'stop',
      durationMs: 3300,
      channels: [{ windows: 17 }, { windows: 17 }],
    });
  });
});

describe('other formats', () => {
  it.each([
    { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
    { encoding: 'alaw', sampleRateHz: 8000, channels: 3 },
    { encoding: 'pcm_s24le', sampleRateHz: 44_100, channels: 1 },
    { encoding: 'pcm_f32le', sampleRateHz: 48_000, channels: 2 },
    { encoding: 'pcm_s16le', sampleRateHz: 11_025, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 },
    { encoding: 'pcm_s16le', sampleRateHz: 47_999, channels: 1 },
  ] as const)('$encoding at $sampleRateHz Hz, $channels channels: any cut, the same events', (format) => {
    const bytes = babble(format, 1.234);
    const whole = JSON.stringify(analyse(format, [bytes]));
    for (const sizes of [[7], [320], [4096], [1, 2, 3, 5, 1000]])
      expect(JSON.stringify(analyse(format, cut(bytes, sizes)))).toBe(whole);
    const last = windowsOf(JSON.parse(whole) as TimelineEvent[]).at(-1)!;
    expect(last.endMs).toBe(Math.ceil((bytes.length / bytesPerSampleFrame(format) / format.sampleRateHz) * 1000));
  });
});

describe('the ends of streams', () => {
  const format: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };

  it('no audio gives no window', () => {
    expect(analyse(format, []).map(({ type }) => type)).toEqual(['ended']);
  });

  it('one sample gives one window', () => {
    expect(windowsOf(analyse(format, [Uint8Array.of(1, 2)]))).toMatchObject([{ seq: 0, startMs: 0, endMs: 1 }]);
  });

  it('an end on the grid adds no window', () => {
    expect(windowsOf(analyse(format, [babble(format, 0.4)])).map(({ endMs }) => endMs)).toEqual([200, 400]);
  });

  it('half a sample is warned of, and the rest is not lost', () => {
    const bytes = babble(format, 0.4);
    const events = analyse(format, [bytes, Uint8Array.of(1)]);
    expect(windowsOf(events).map(({ endMs }) => endMs)).toEqual([200, 400]);
    expect(events.filter(({ type }) => type === 'status')).toMatchObject([{ code: 'half-sample' }]);
  });

  it('a value that is not finite fails its own push, and what came before it is kept', () => {
    const floats: AudioFormat = { encoding: 'pcm_f32le', sampleRateHz: 8000, channels: 1 };
    const analyzer = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) });
    const open = (streamId: string) =>
      analyzer.open({
        streamId,
        callId: streamId,
        format: floats,
        channels: [{ name: 'mixed', role: 'unknown' }],
        analysis: ANALYSIS,
      });
    const [stream, witness] = [open('a'), open('b')];
    const events: TimelineEvent[] = [];
    const others: TimelineEvent[] = [];
    stream.events.subscribe((event) => events.push(event));
    witness.events.subscribe((event) => others.push(event));
    stream.push(babble(floats, 0.5));
    witness.push(babble(floats, 0.5));
    expect(() => stream.push(new Uint8Array(Float32Array.of(0, Number.NaN).buffer))).toThrowError(/NaN or infinite/);
    stream.stop('error');
    witness.stop('stop');
    expect(windowsOf(events).slice(0, 2)).toEqual(
      windowsOf(others)
        .slice(0, 2)
        .map((window) => ({ ...window, streamId: 'a' })),
    );
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'error' });
    expect(others.at(-1)).toMatchObject({ type: 'ended', reason: 'stop' });
  });
});

describe('a model that fails', () => {
  const format: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };
  const broken = () => {
    const model = new LinearModel(fakeManifest(featureSet));
    model.predict = () => {
      throw new Error('out of memory');
    };
    return model;
  };
  const open = (schedule: (run: () => void) => void) => {
    const stream = createAnalyzer({ model: broken(), schedule }).open({
      streamId: 'a',
      callId: 'a',
      format,
      channels: [{ name: 'mixed', role: 'unknown' }],
      analysis: ANALYSIS,
    });
    const ends: string[] = [];
    stream.events.subscribe({ error: (error) => ends.push(String(error)), complete: () => ends.push('complete') });
    return { stream, ends };
  };

  it('throws out of the push that asked it', () => {
    const { stream, ends } = open((run) => run());
    expect(() => stream.push(babble(format, 0.5))).toThrowError('out of memory');
    stream.stop('error');
    expect(ends).toEqual(['complete']);
  });

  it('ends the events with its error where it is asked later, and stop adds nothing', () => {
    const runs: (() => void)[] = [];
    const { stream, ends } = open((run) => runs.push(run));
    stream.push(babble(format, 0.5));
    for (const run of runs) run();
    stream.stop('stop');
    expect(ends).toEqual(['Error: out of memory']);
  });

  it('ends the events with its error where the stop asks it', () => {
    const { stream, ends } = open(() => {});
    stream.push(babble(format, 0.5));
    stream.stop('stop');
    expect(ends).toEqual(['Error: out of memory']);
  });
});
