import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HopFramer, mulawToLinear, StreamingResampler } from '../../src/audio/index.ts';
import {
  DescriptorExtractor,
  descriptorIndex,
  SPEECH_INPUTS,
  SPEECH_LAYERS,
  SpeechDetector,
  SpeechInputs,
  SpeechNetwork,
  speechLayout,
} from '../../src/features/index.ts';
import { speechParameters } from '../../src/features/speech-weights.ts';

const RATE_HZ = 16_000;
const SPEECH = descriptorIndex('speech');
const LEVEL = descriptorIndex('levelDb');

/** Rows of a signal, each its own copy. */
function rowsOf(samples: Float32Array): Float32Array[] {
  const extractor = new DescriptorExtractor();
  const rows: Float32Array[] = [];
  new HopFramer().push(samples, (frame) => {
    const row = new Float32Array(extractor.rowLength);
    extractor.describe(frame, row);
    rows.push(row);
  });
  return rows;
}

const speechOf = (rows: readonly Float32Array[]): Float32Array => {
  const detector = new SpeechDetector();
  return Float32Array.from(rows, (row) => detector.update(row));
};

/** Share of hops that hold speech, in each window of 3 s at every half second. */
function ratiosOf(speech: Float32Array): number[] {
  const ratios: number[] = [];
  for (let end = 50; end <= speech.length; end += 50) {
    const window = speech.subarray(Math.max(0, end - 300), end);
    ratios.push(window.filter((probability) => probability >= 0.5).length / window.length);
  }
  return ratios;
}

function signal(seconds: number, sample: (t: number, i: number) => number): Float32Array {
  return Float32Array.from({ length: seconds * RATE_HZ }, (_, i) => sample(i / RATE_HZ, i));
}

/** Park and Miller's minimal standard generator. */
function whiteNoise(seconds: number, amplitude: number): Float32Array {
  let state = 1;
  return signal(seconds, () => {
    state = (state * 48_271) % 2_147_483_647;
    return amplitude * (state / 1_073_741_823.5 - 1);
  });
}

/** The bundled call's customer: 8 kHz stereo μ-law, this is the left channel, at 16 kHz. */
function demoCall(channel: 0 | 1): Float32Array {
  const bytes = readFileSync(resolve(import.meta.dirname, '../../examples/demo-call.wav'));
  const data = bytes.indexOf('data', 0, 'latin1') + 8;
  const narrow = Float32Array.from(
    { length: Math.floor((bytes.length - data) / 2) },
    (_, i) => mulawToLinear(bytes[data + 2 * i + channel]!) / 32_768,
  );
  return new StreamingResampler(8000).push(narrow).slice();
}

describe('the speech detector', () => {
  const quiet: readonly (readonly [string, Float32Array])[] = [
    ['digital silence', new Float32Array(8 * RATE_HZ)],
    ['white noise', whiteNoise(8, 0.1)],
    ['quiet white noise', whiteNoise(8, 0.0005)],
    ['a tone of 1 kHz', signal(8, (t) => 0.3 * Math.sin(2 * Math.PI * 1000 * t))],
    ['a buzz of 150 Hz', signal(8, (t) => 0.2 * (((150 * t) % 1) - 0.5))],
    ['ring-back', signal(12, (t) => (t % 3 < 1 ? 0.1 * (Math.sin(2765 * t) + Math.sin(3016 * t)) : 0))],
    [
      'touch tones',
      signal(8, (t) =>
        t % 0.2 < 0.1 ? 0.2 * (Math.sin(2 * Math.PI * 697 * t) + Math.sin(2 * Math.PI * 1336 * t)) : 0,
      ),
    ],
    ['clicks', signal(8, (_, i) => (i % 6000 < 20 ? 0.5 : 0))],
    ['full scale', signal(8, (_, i) => (i % 80 < 40 ? 1 : -1))],
  ];
  it.each(quiet)('hears none in %s', (_, samples) => {
    const ratios = ratiosOf(speechOf(rowsOf(samples)));
    expect(Math.max(...ratios)).toBeLessThan(0.15);
  });

  it.each([0, 1] as const)('hears it in the bundled call, channel %i, and not in its pauses', (channel) => {
    const rows = rowsOf(demoCall(channel));
    const ratios = ratiosOf(speechOf(rows));
    const active = ratiosOf(Float32Array.from(rows, (row) => (row[LEVEL]! > -45 ? 1 : 0)));
    const talking = ratios.filter((_, window) => active[window]! >= 0.4);
    const pausing = ratios.filter((_, window) => active[window]! === 0);
    expect(talking.length).toBeGreaterThan(10);
    expect(pausing.length).toBeGreaterThan(5);
    expect(talking.filter((ratio) => ratio >= 0.3).length / talking.length).toBeGreaterThanOrEqual(0.95);
    expect(pausing.filter((ratio) => ratio < 0.15).length / pausing.length).toBeGreaterThanOrEqual(0.9);
  });

  it('does not mind the gain', () => {
    const call = demoCall(0);
    const plain = speechOf(rowsOf(call));
    for (const gain of [0.05, 0.3]) {
      const other = speechOf(rowsOf(call.map((x) => gain * x)));
      const agreeing = plain.filter((probability, hop) => probability >= 0.5 === other[hop]! >= 0.5);
      expect(agreeing.length / plain.length).toBeGreaterThan(0.95);
    }
  });

  it('gives probabilities, whatever the row holds', () => {
    const detector = new SpeechDetector();
    const [row] = rowsOf(whiteNoise(0.01, 0.1));
    for (const value of [0, -100, 1e3, 0]) {
      const strange = row!.map(() => value);
      const probability = detector.update(strange);
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThan(1);
    }
  });

  it('does not read the `speech` of the row', () => {
    const rows = rowsOf(demoCall(0).subarray(0, 5 * RATE_HZ));
    const plain = speechOf(rows);
    for (const row of rows) row[SPEECH] = Number.NaN;
    expect(speechOf(rows)).toEqual(plain);
  });

  it('keeps channels apart', () => {
    const first = rowsOf(demoCall(0).subarray(0, 5 * RATE_HZ));
    const second = rowsOf(whiteNoise(5, 0.1));
    const detectors = [new SpeechDetector(), new SpeechDetector()];
    const mixed = first.map((row, hop) => {
      detectors[1]!.update(second[hop]!);
      return detectors[0]!.update(row);
    });
    expect(Float32Array.from(mixed)).toEqual(speechOf(first));
  });

  it('is what the extractor writes', () => {
    const rows = rowsOf(demoCall(1).subarray(0, 6 * RATE_HZ));
    expect(Float32Array.from(rows, (row) => row[SPEECH]!)).toEqual(speechOf(rows));
  });

  it('has weights that fit, at most 2,000 of them', () => {
    expect(speechParameters).toHaveLength(speechLayout(SPEECH_LAYERS).length);
    expect(speechParameters.length).toBeLessThanOrEqual(2000);
    expect(speechParameters.every((value) => Number.isFinite(value))).toBe(true);
  });
});

describe('the inputs of the speech detector', () => {
  it('are all written, finite and of the order of 1', () => {
    const inputs = new SpeechInputs();
    const out = new Float32Array(SPEECH_INPUTS + 2).fill(1234);
    for (const row of rowsOf(demoCall(0).subarray(0, 8 * RATE_HZ))) {
      inputs.update(row, out, 1);
      const written = out.subarray(1, SPEECH_INPUTS + 1);
      expect(written.every((value) => Math.abs(value) < 30)).toBe(true);
      expect([out[0], out[SPEECH_INPUTS + 1]]).toEqual([1234, 1234]);
    }
  });

  it('but for the floor of the bands do not depend on the gain', () => {
    const call = demoCall(0).subarray(0, 8 * RATE_HZ);
    const inputsOf = (samples: Float32Array): Float32Array[] => {
      const inputs = new SpeechInputs();
      return rowsOf(samples).map((row) => {
        const out = new Float32Array(SPEECH_INPUTS);
        inputs.update(row, out);
        return out;
      });
    };
    const noisy = call.map((x, i) => x + 0.01 * Math.sin(i * i));
    const plain = inputsOf(noisy);
    const half = inputsOf(noisy.map((x) => 0.5 * x));
    let differing = 0;
    plain.forEach((values, hop) => {
      if (values.some((value, input) => Math.abs(value - half[hop]![input]!) > 0.02)) differing++;
    });
    expect(differing / plain.length).toBeLessThan(0.05);
  });
});

describe('the speech network', () => {
  it('is two layers of rectifiers and a sum', () => {
    // Two inputs, two units, one unit: by hand.
    const layers = { inputs: 2, hidden: 2, second: 1 };
    const parameters = Float32Array.from([1, -2, 3, 0.5, 0.25, -4, 2, -1, 0.5, -3, 0.125]);
    const network = new SpeechNetwork(layers, parameters);
    // first: relu(1·2 − 2·1 + 0.25) = 0.25, relu(3·2 + 0.5·1 − 4) = 2.5; second: relu(2·0.25 − 2.5 + 0.5) = 0
    expect(network.logit(Float32Array.from([2, 1]))).toBe(0.125);
    // first: relu(4 + 0.25) = 4.25, relu(12 − 4) = 8; second: relu(8.5 − 8 + 0.5) = 1
    expect(network.logit(Float32Array.from([4, 0]))).toBe(-2.875);
  });
});
