import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileKernel, KERNELS, kernelModule } from '../../scripts/compile-kernel.mjs';
import { Kernel } from '../../src/inference/index.ts';
import { Random } from '../../src/training/random.ts';

describe('the kernels', () => {
  it.each(KERNELS)('in $module are what $entry compiles to', async ({ entry, module }) => {
    expect(kernelModule(await compileKernel(entry))).toBe(readFileSync(module, 'utf8'));
  });
});

describe('a product of matrices', () => {
  const [m, n, k] = [7, 16, 10];
  const random = new Random('product');
  const a = Float32Array.from({ length: m * k }, () => random.normal());
  const b = Float32Array.from({ length: k * n }, () => random.normal());

  /** Sums in single precision, in the order of the terms. */
  function expected(row: number, column: number): number {
    let sum = 0;
    for (let p = 0; p < k; p++) {
      sum = Math.fround(sum + Math.fround(a[row * k + p]! * b[p * n + column]!));
    }
    return sum;
  }

  it.each([1, 3, 4, 5, 7])('of %i rows is the sum in the order of its terms, to the last bit', (rows) => {
    const kernel = new Kernel();
    const [from, to] = [kernel.put(a), kernel.allocate(m * n)];
    const packed = kernel.putPacked(b, k, n);
    kernel.run.convolve(from, k * 4, 1, 0, k, packed, to, n * 4, rows, n, 0);
    const found = kernel.floats.subarray(to / 4, to / 4 + rows * n);
    for (let at = 0; at < rows * n; at++) expect(found[at]).toBe(expected(Math.floor(at / n), at % n));
  });

  it('has the transpose that it is told to have', () => {
    const kernel = new Kernel();
    const transposed = Float32Array.from({ length: n * k }, (_, at) => b[(at % k) * n + Math.floor(at / k)]!);
    const [from, to, out] = [kernel.put(a), kernel.put(transposed), kernel.allocate(m * n)];
    const packed = kernel.allocate(n * k);
    kernel.run.packTransposed(to, k * 4, k, n, packed);
    kernel.run.convolve(from, k * 4, 1, 0, k, packed, out, n * 4, m, n, 0);
    for (let at = 0; at < m * n; at++) expect(kernel.floats[out / 4 + at]).toBe(expected(Math.floor(at / n), at % n));
  });
});

describe('the weights of the pooling', () => {
  it('are e to their power, within a millionth, from −20 to 20, and held there', () => {
    const kernel = new Kernel();
    const values = Float32Array.from({ length: 404 }, (_, index) => (index - 200) / 8);
    const [a, h, sums] = [kernel.put(values), kernel.put(values), kernel.allocate(3 * values.length)];
    kernel.run.weigh(a, h, 1, values.length, sums);
    values.forEach((value, index) => {
      const expected = Math.exp(Math.max(-20, Math.min(20, value)));
      expect(Math.abs(kernel.floats[a / 4 + index]! / expected - 1)).toBeLessThan(1e-6);
      expect(kernel.floats[sums / 4 + values.length + index]! / (expected * (value || 1))).toBeCloseTo(
        value ? 1 : 0,
        5,
      );
    });
  });

  it('come from a tangent that is Math.tanh, within a millionth', () => {
    const kernel = new Kernel();
    const values = Float32Array.from({ length: 200 }, (_, index) => (index - 100) / 7);
    const [z, bias] = [kernel.put(values), kernel.allocate(values.length)];
    kernel.run.squash(z, bias, 1, values.length);
    values.forEach((value, index) => {
      expect(Math.abs(kernel.floats[z / 4 + index]! - Math.tanh(value))).toBeLessThan(1e-6);
    });
  });
});
