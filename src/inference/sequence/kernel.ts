import { UndertoneError } from '../../errors.ts';
import { kernelBase64 } from './kernel-bytes.ts';

/** What assembly/sequence exports; addresses and strides in bytes. The sources there say what each does. */
interface KernelExports {
  readonly memory: WebAssembly.Memory;
  pack(b: number, strideB: number, k: number, n: number, out: number): void;
  packTransposed(w: number, strideW: number, k: number, n: number, out: number): void;
  convolve(
    a: number,
    strideA: number,
    taps: number,
    tapBytes: number,
    k: number,
    b: number,
    c: number,
    strideC: number,
    m: number,
    n: number,
    accumulate: number,
  ): void;
  gram(a: number, strideA: number, rows: number, b: number, c: number, strideC: number, m: number, n: number): void;
  rectify(z: number, bias: number, residual: number, out: number, rows: number, columns: number): void;
  moments(z: number, rows: number, columns: number, sums: number, squares: number): void;
  seed(a: number, b: number, c: number, d: number): void;
  activate(
    z: number,
    scale: number,
    shift: number,
    out: number,
    residual: number,
    sum: number,
    rows: number,
    columns: number,
    threshold: number,
    keptScale: number,
  ): void;
  deactivate(
    slope: number,
    out: number,
    z: number,
    inverse: number,
    offset: number,
    g: number,
    rows: number,
    columns: number,
    keptScale: number,
    sums: number,
    products: number,
  ): void;
  denormalise(g: number, z: number, p: number, q: number, r: number, rows: number, columns: number): void;
  squash(z: number, bias: number, rows: number, columns: number): void;
  unsquash(slope: number, y: number, values: number): void;
  weigh(a: number, h: number, rows: number, columns: number, sums: number): void;
  unweigh(a: number, h: number, u: number, s: number, d: number, slope: number, rows: number, columns: number): void;
}

const PAGE_BYTES = 65_536;
let compiled: WebAssembly.Module | undefined;

/**
 * The network's arithmetic in WebAssembly SIMD, with a memory of its own. What is allocated stays so for the kernel's life.
 *
 * @example
 * const kernel = new Kernel();
 * const place = kernel.allocate(100); // floats; the address in bytes
 * kernel.floats.set(values, place / 4);
 */
export class Kernel {
  readonly run: KernelExports;
  #next: number;
  #floats: Float32Array;

  /** @throws runtime-unavailable where this engine has no WebAssembly SIMD */
  constructor() {
    compiled ??= compile();
    this.run = new WebAssembly.Instance(compiled).exports as unknown as KernelExports;
    this.#floats = new Float32Array(this.run.memory.buffer);
    // The kernel keeps nothing in memory itself; 0 stands for "none" in its arguments.
    this.#next = 64;
  }

  /** All of the memory; a new view whenever it has grown. */
  get floats(): Float32Array {
    if (this.#floats.buffer !== this.run.memory.buffer) this.#floats = new Float32Array(this.run.memory.buffer);
    return this.#floats;
  }

  /** The address of `length` floats, all 0. */
  allocate(length: number): number {
    const place = this.#next;
    // A cache line each.
    this.#next = Math.ceil((place + length * 4) / 64) * 64;
    const missing = this.#next - this.run.memory.buffer.byteLength;
    if (missing > 0) this.run.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return place;
  }

  /** A copy of values, at the address that is returned. */
  put(values: Float32Array): number {
    const place = this.allocate(values.length);
    this.floats.set(values, place / 4);
    return place;
  }

  /** A kernel (k × n) in the order in which `convolve` reads it. @param weights k · n values, row by row */
  putPacked(weights: Float32Array, k: number, n: number): number {
    const place = this.allocate(k * n);
    const rows = this.put(weights);
    this.run.pack(rows, n * 4, k, n, place);
    return place;
  }
}

function compile(): WebAssembly.Module {
  const bytes = Uint8Array.from(atob(kernelBase64), (character) => character.charCodeAt(0));
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(bytes)) {
    throw new UndertoneError('runtime-unavailable', { detail: 'this engine has no WebAssembly SIMD' });
  }
  return new WebAssembly.Module(bytes);
}
