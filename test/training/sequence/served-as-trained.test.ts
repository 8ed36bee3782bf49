import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AudioFormat, encodeSamples } from '../../../src/audio/index.ts';
import { loadModel } from '../../../src/inference/index.ts';
import type { WindowEvent } from '../../../src/protocol/index.ts';
import { createAnalyzer } from '../../../src/streams/index.ts';
import { softmax } from '../../../src/training/calibration.ts';
import { clipHops } from '../../../src/training/clip-hops.ts';
import { windowsOf } from '../../../src/training/sequence/hop-windows.ts';
import { predictRows } from '../../../src/training/sequence/predict-sequence.ts';
import { sequenceFolder } from '../../inference/sequence-folder.ts';
import { voice } from '../../streams/babble.ts';

const model = await loadModel(sequenceFolder());
const { labels, analysis } = model.manifest;

/** What the serving pipeline says of a recording that arrives in pieces. */
function served(format: AudioFormat, bytes: Uint8Array, pieces: readonly number[]): WindowEvent[] {
  const stream = createAnalyzer({ model, schedule: () => {} }).open({
    streamId: 's',
    callId: 's',
    format,
    channels: [{ name: 'mixed', role: 'unknown' }],
    analysis: { ...analysis, descriptors: [] },
  });
  const windows: WindowEvent[] = [];
  stream.events.subscribe((event) => {
    if (event.type === 'window') windows.push(event);
  });
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = pieces[turn % pieces.length]!;
    stream.push(bytes.subarray(at, at + size));
    at += size;
  }
  stream.stop('stop');
  return windows;
}

describe('what a sequence network is served', () => {
  it.each<[AudioFormat, number]>([
    [{ encoding: 'pcm_f32le', sampleRateHz: 16_000, channels: 1 }, 4.123],
    [{ encoding: 'mulaw', sampleRateHz: 8000, channels: 1 }, 3.5],
    [{ encoding: 'pcm_s16le', sampleRateHz: 44_100, channels: 1 }, 1.007],
  ])('of %o is what it is trained on and measured by', (format, seconds) => {
    const samples = voice(Math.round(seconds * format.sampleRateHz), format.sampleRateHz, 1);
    const bytes = encodeSamples(format, [samples]);
    const { features, endMs } = clipHops({ format, bytes });
    const {
      rows,
      endMs: ends,
      speechRatio,
    } = windowsOf({ hops: features, durationMs: endMs[0]!, spansMs: [] }, analysis);
    const logits = predictRows(model.sequence!, labels.length, rows);
    const expected = rows.map((_, row) => {
      const probabilities = new Float64Array(labels.length);
      softmax(logits, model.manifest.calibration.temperature, probabilities, row * labels.length, labels.length);
      return [...probabilities];
    });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 4 }), (pieces) => {
        const windows = served(format, bytes, pieces);
        expect(windows.map((window) => window.endMs)).toEqual(ends);
        expect(windows.map((window) => window.speechRatio)).toEqual(speechRatio);
        windows.forEach(({ raw }, row) => {
          labels.forEach((label, index) => {
            // The pipeline's softmax is in single precision.
            expect(raw[label]).toBeCloseTo(expected[row]![index]!, 6);
          });
        });
      }),
      { numRuns: 12 },
    );
  });
});
