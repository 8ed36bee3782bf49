import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFormat } from '../../src/audio/index.ts';
import { loadModel } from '../../src/inference/index.ts';
import type { TimelineEvent, WindowEvent } from '../../src/protocol/index.ts';
import { type Checkpoint, createAnalyzer, type LocalAnalyzer } from '../../src/streams/index.ts';
import { sequenceFolder } from '../inference/sequence-folder.ts';
import { babble } from './babble.ts';

const ANALYSIS = { windowMs: 1000, stepMs: 200, descriptors: [] };
const FORMAT: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 2 };
const model = await loadModel(sequenceFolder());

function open(analyzer: LocalAnalyzer, streamId: string, format: AudioFormat, from?: Checkpoint) {
  const stream = analyzer.open({
    streamId,
    callId: streamId,
    format,
    channels: Array.from({ length: format.channels }, (_, index) => ({ name: `${index}`, role: 'unknown' as const })),
    analysis: ANALYSIS,
    ...(from && { from }),
  });
  const events: TimelineEvent[] = [];
  stream.events.subscribe((event) => events.push(event));
  return { stream, events };
}

/** Of a stream that is pushed as a whole, alone, every window answered at once. */
function alone(bytes: Uint8Array, format = FORMAT): TimelineEvent[] {
  const { stream, events } = open(createAnalyzer({ model }), 's', format);
  stream.push(bytes);
  stream.stop('stop');
  return events;
}

const windowsOf = (events: readonly TimelineEvent[]): WindowEvent[] =>
  events.filter(({ type }) => type === 'window') as WindowEvent[];

describe('a stream that a sequence network hears', () => {
  const bytes = babble(FORMAT, 5);
  const whole = alone(bytes);

  it('has a window at every step and one at its end, for each channel, whose probabilities differ', () => {
    const windows = windowsOf(alone(babble(FORMAT, 5.05)));
    expect(windows.filter(({ channel }) => channel === 0).map(({ endMs }) => endMs)).toEqual([
      ...Array.from({ length: 25 }, (_, index) => (index + 1) * 200),
      5050,
    ]);
    expect(new Set(windows.map(({ raw }) => JSON.stringify(raw))).size).toBe(windows.length);
  });

  it('has the same events however it is cut, batched and delayed, and whatever streams are beside it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1, 2, 3, 64),
        fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
        (sizes, maxBatch, runs) => {
          let due: (() => void) | undefined;
          const analyzer = createAnalyzer({
            model,
            maxBatch,
            schedule: (run) => {
              due = run;
            },
          });
          const mine = open(analyzer, 's', FORMAT);
          const other = open(analyzer, 'other', { ...FORMAT, channels: 1 });
          const otherBytes = babble({ ...FORMAT, channels: 1 }, 3);
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length]!;
            mine.stream.push(bytes.subarray(at, at + size));
            other.stream.push(otherBytes.subarray(at, at + size));
            at += size;
            if (!runs[turn % runs.length]) continue;
            due?.();
            due = undefined;
          }
          mine.stream.stop('stop');
          other.stream.stop('stop');
          expect(mine.events).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on from a checkpoint, and after a window hears as if nothing had been before', () => {
    const analyzer = createAnalyzer({ model });
    const first = open(analyzer, 's', FORMAT);
    const half = 4 * 8000 * 2.5;
    first.stream.push(bytes.subarray(0, half));
    const second = open(analyzer, 's', FORMAT, JSON.parse(JSON.stringify(first.stream.checkpoint())) as Checkpoint);
    second.stream.gap(2500 - (second.stream.receivedSamples / 8000) * 1000, 'The analysis was interrupted.');
    second.stream.push(bytes.subarray(half));
    second.stream.stop('stop');
    const grid = (events: readonly TimelineEvent[]) =>
      windowsOf(events).map(({ channel, seq, startMs, endMs }) => ({ channel, seq, startMs, endMs }));
    expect(grid([...first.events, ...second.events])).toEqual(grid(whole));
    expect(windowsOf(second.events).every(({ raw }) => Object.values(raw).every(Number.isFinite))).toBe(true);
  });

  it('hears a long gap as a window of silence, and goes on after it in the same time', () => {
    const { stream, events } = open(createAnalyzer({ model }), 's', FORMAT);
    stream.push(bytes);
    stream.gap(60_000);
    stream.push(bytes);
    stream.stop('stop');
    const ends = windowsOf(events).map(({ endMs }) => endMs);
    expect(Math.max(...ends)).toBe(70_000);
    expect(ends.filter((end) => end > 6000 && end <= 65_000)).toHaveLength(0);
    expect(windowsOf(events).every(({ raw }) => Object.values(raw).every(Number.isFinite))).toBe(true);
  });

  it('of mere zeros, and of nothing, has numbers too', () => {
    for (const length of [0, 2, 400, 64_000]) {
      for (const { raw } of windowsOf(alone(new Uint8Array(length)))) {
        expect(Object.values(raw).every(Number.isFinite)).toBe(true);
      }
    }
  });
});
