/** A second-order section, normalised so that a0 = 1. */
interface Section {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** Q of the two sections of a fourth-order Butterworth filter: 1 / (2 cos(π/8)), 1 / (2 cos(3π/8)). */
const BUTTERWORTH_4 = [1 / (2 * Math.cos(Math.PI / 8)), 1 / (2 * Math.cos((3 * Math.PI) / 8))] as const;

/** R. Bristow-Johnson, Audio EQ Cookbook (W3C note, 2021): low-pass and high-pass. */
function section(kind: 'low-pass' | 'high-pass', cornerHz: number, sampleRateHz: number, q: number): Section {
  const omega = (2 * Math.PI * cornerHz) / sampleRateHz;
  const alpha = Math.sin(omega) / (2 * q);
  const cosine = Math.cos(omega);
  const edge = kind === 'low-pass' ? 1 - cosine : 1 + cosine;
  const a0 = 1 + alpha;
  return {
    b: [edge / 2 / a0, (kind === 'low-pass' ? edge : -edge) / a0, edge / 2 / a0],
    a: [(-2 * cosine) / a0, (1 - alpha) / a0],
  };
}

/**
 * The band of a telephone line, 300 to 3400 Hz (ITU-T G.712), as fourth-order Butterworth edges: 3 dB down at both.
 *
 * @param samples at `sampleRateHz`, above 6800.
 * @returns new samples, as many.
 */
export function telephoneBand(samples: Float32Array, sampleRateHz: number): Float32Array {
  let signal = Float64Array.from(samples);
  for (const q of BUTTERWORTH_4) {
    signal = filter(signal, section('high-pass', 300, sampleRateHz, q));
    signal = filter(signal, section('low-pass', 3400, sampleRateHz, q));
  }
  return Float32Array.from(signal);
}

function filter(signal: Float64Array, { b, a }: Section): Float64Array<ArrayBuffer> {
  const out = new Float64Array(signal.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let index = 0; index < signal.length; index++) {
    const x = signal[index]!;
    const y = b[0] * x + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
    out[index] = y;
    [x2, x1, y2, y1] = [x1, x, y1, y];
  }
  return out;
}
