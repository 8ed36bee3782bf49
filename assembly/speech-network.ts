/**
 * The perceptron of the speech detector, src/features/speech-network.ts, two units a lane pair. Units are padded to even
 * numbers with weights of zero; each unit adds up its inputs in the same order as there.
 */

export const SPEECH_INPUT: usize = memory.data(96 * 4, 16);
/** Pair by pair of units: biases (b₀, b₁), then (w₀ᵢ, w₁ᵢ) for every input i. */
export const SPEECH_FIRST: usize = memory.data(16 * 97 * 16, 16);
export const SPEECH_SECOND: usize = memory.data(16 * 33 * 16, 16);
/** Weights, then the bias. */
export const SPEECH_OUTPUT: usize = memory.data(33 * 8, 16);

const FIRST: usize = memory.data(32 * 4, 16);
const SECOND: usize = memory.data(32 * 4, 16);

export function speechLogit(inputs: usize, hidden: usize, second: usize): f64 {
  rectify(SPEECH_FIRST, SPEECH_INPUT, inputs, FIRST, hidden);
  rectify(SPEECH_SECOND, FIRST, hidden, SECOND, second);
  let logit = f64.load(SPEECH_OUTPUT + (second << 3));
  for (let unit: usize = 0; unit < second; unit++) {
    logit += f64.load(SPEECH_OUTPUT + (unit << 3)) * <f64>f32.load(SECOND + (unit << 2));
  }
  return logit;
}

/** out = max(0, W x + b), rounded to f32 as a Float32Array does. Four pairs of sums run side by side. */
// @ts-ignore: decorator
@inline
function rectify(weights: usize, x: usize, width: usize, out: usize, units: usize): void {
  const stride = (width + 1) << 4;
  const zero = f64x2.splat(0);
  let unit: usize = 0;
  for (; unit + 8 <= units; unit += 8) {
    const w = weights + (unit >> 1) * stride;
    let a = v128.load(w);
    let b = v128.load(w + stride);
    let c = v128.load(w + 2 * stride);
    let d = v128.load(w + 3 * stride);
    for (let i: usize = 0; i < width; i++) {
      const value = f64x2.splat(<f64>f32.load(x + (i << 2)));
      const at = w + ((i + 1) << 4);
      a = f64x2.add(a, f64x2.mul(v128.load(at), value));
      b = f64x2.add(b, f64x2.mul(v128.load(at + stride), value));
      c = f64x2.add(c, f64x2.mul(v128.load(at + 2 * stride), value));
      d = f64x2.add(d, f64x2.mul(v128.load(at + 3 * stride), value));
    }
    put(out + (unit << 2), f64x2.max(a, zero));
    put(out + ((unit + 2) << 2), f64x2.max(b, zero));
    put(out + ((unit + 4) << 2), f64x2.max(c, zero));
    put(out + ((unit + 6) << 2), f64x2.max(d, zero));
  }
  for (; unit < units; unit += 2) {
    const w = weights + (unit >> 1) * stride;
    let a = v128.load(w);
    for (let i: usize = 0; i < width; i++) {
      a = f64x2.add(a, f64x2.mul(v128.load(w + ((i + 1) << 4)), f64x2.splat(<f64>f32.load(x + (i << 2)))));
    }
    put(out + (unit << 2), f64x2.max(a, zero));
  }
}

// @ts-ignore: decorator
@inline
function put(to: usize, pair: v128): void {
  f32.store(to, <f32>f64x2.extract_lane(pair, 0));
  f32.store(to, <f32>f64x2.extract_lane(pair, 1), 4);
}
