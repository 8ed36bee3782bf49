import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import { METRICS, metricsJson } from './metrics-file.ts';
import type { EvaluationMetrics } from './summary.ts';

export interface ReportOptions {
  readonly command?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Writes `metrics.json` into a folder.
 *
 * @throws `file-unwritable`.
 */
export async function writeReport(folder: string, metrics: EvaluationMetrics, _options: ReportOptions): Promise<void> {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, METRICS), metricsJson(metrics));
  } catch (thrown) {
    const detail = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new UndertoneError('file-unwritable', { path: folder, detail });
  }
}
