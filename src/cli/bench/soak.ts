import type { BenchOptions } from '../bench.ts';
import type { Row } from './report.ts';

export async function benchSoak(_options: BenchOptions): Promise<readonly Row[]> {
  return [];
}
