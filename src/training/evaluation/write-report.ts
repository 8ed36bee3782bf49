import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import { evaluationFigures, type NamedFigure } from './figures/all-figures.ts';
import { pngOf } from './figures/png.ts';
import { METRICS, metricsJson } from './metrics-file.ts';
import { evaluationHtml } from './report-html.ts';
import type { EvaluationMetrics } from './summary.ts';

export interface ReportOptions {
  /** The command that measures the same again. */
  readonly command?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Writes `metrics.json`, `report.html` and `figures/` into a folder.
 *
 * @throws `file-unwritable`.
 */
export async function writeReport(folder: string, metrics: EvaluationMetrics, options: ReportOptions): Promise<void> {
  const figures = evaluationFigures(metrics);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, METRICS), metricsJson(metrics));
    writeFileSync(join(folder, 'report.html'), evaluationHtml(metrics, figures, options.command));
    await writeFigures(join(folder, 'figures'), figures, options.onWarning);
  } catch (thrown) {
    const detail = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new UndertoneError('file-unwritable', { path: folder, detail });
  }
}

/** Figures as SVG and PNG; where PNG cannot be made on this machine, a warning says so. */
export async function writeFigures(
  folder: string,
  figures: readonly NamedFigure[],
  warn: (message: string) => void = () => {},
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  let renders = true;
  for (const { name, svg } of figures) {
    writeFileSync(join(folder, `${name}.svg`), svg);
    if (!renders) continue;
    let png: Buffer;
    try {
      png = await pngOf(svg);
    } catch (thrown) {
      renders = false;
      warn(`The figures are there as SVG only, this machine makes no PNG: ${String(thrown)}`);
      continue;
    }
    writeFileSync(join(folder, `${name}.png`), png);
  }
}
