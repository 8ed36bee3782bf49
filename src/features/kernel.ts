import { kernelBase64 } from './kernel-bytes.ts';

/** What assembly/ exports: addresses, and what it computes. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly powerSpectrum: () => void;
  readonly autocorrelate: (count: number) => void;
  readonly windowFrame: () => number;
  readonly speechLogit: (inputs: number, hidden: number, second: number) => number;
  readonly [address: string]: unknown;
}

/** The dearest parts of a hop in WebAssembly SIMD, with the memory that they read and write. */
export interface Kernel {
  powerSpectrum(): void;
  autocorrelate(count: number): void;
  /** Returns the peak. */
  windowFrame(): number;
  speechLogit(inputs: number, hidden: number, second: number): number;
  /** A view of `length` numbers of the kernel's memory, at an address that it exports. */
  view(address: string, length: number): Float64Array;
  view32(address: string, length: number): Float32Array;
}

/** @returns `undefined` where this engine has no WebAssembly SIMD: the same is then computed in TypeScript. */
function load(): Kernel | undefined {
  if (typeof WebAssembly !== 'object') return undefined;
  const bytes = Uint8Array.from(atob(kernelBase64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined;
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as KernelExports;
  const { powerSpectrum, autocorrelate, windowFrame, speechLogit, memory } = exports;
  const place = (address: string): number => (exports[address] as WebAssembly.Global).value;
  return {
    powerSpectrum,
    autocorrelate,
    windowFrame,
    speechLogit,
    view: (address, length) => new Float64Array(memory.buffer, place(address), length),
    view32: (address, length) => new Float32Array(memory.buffer, place(address), length),
  };
}

/** One for all: a hop is described from beginning to end before the next. */
export const kernel: Kernel | undefined = load();

/** Complex factors as the kernel multiplies by them: (re, re, −im, im) for each (re, im). */
export function spread(factors: Float64Array, table: Float64Array): void {
  for (let k = 0; 4 * k < table.length; k++) {
    const re = factors[2 * k]!;
    const im = factors[2 * k + 1]!;
    table[4 * k] = re;
    table[4 * k + 1] = re;
    table[4 * k + 2] = -im;
    table[4 * k + 3] = im;
  }
}

/** Complex factors as two tables, of their real and of their imaginary parts. */
export function split(factors: Float64Array, re: Float64Array, im: Float64Array): void {
  for (let k = 0; 2 * k < factors.length && k < re.length; k++) {
    re[k] = factors[2 * k]!;
    im[k] = factors[2 * k + 1]!;
  }
}
