import { UndertoneError } from '../errors.ts';
import type { AnalysisSettings } from './events.ts';
import { type AnalysisLimits, DEFAULT_ANALYSIS_LIMITS } from './limits.ts';
import { excerpt } from './printable.ts';

export interface AnalysisRequest {
  readonly windowMs?: number;
  readonly stepMs?: number;
  readonly descriptors?: readonly string[];
}

/** Windows and steps lie on the grid of hops. */
const GRID_MS = 10;
const onGrid = (ms: number, min: number, max: number): boolean => ms >= min && ms <= max && ms % GRID_MS === 0;

/**
 * The analysis in force: what is asked for over what is in force without it, within the limits. A default step that is
 * longer than a window asked for is cut to that window.
 *
 * @throws UndertoneError `window-out-of-range`, `step-out-of-range`, `unknown-descriptor`
 * @example
 * resolveAnalysis({ stepMs: 250 }); // { windowMs: 3000, stepMs: 250, descriptors: [] }
 */
export function resolveAnalysis(
  request: AnalysisRequest,
  limits: AnalysisLimits = DEFAULT_ANALYSIS_LIMITS,
): AnalysisSettings {
  const { min, max } = limits.windowMs;
  const windowMs = request.windowMs ?? limits.defaults.windowMs;
  if (!onGrid(windowMs, min, max)) throw new UndertoneError('window-out-of-range', { value: windowMs, min, max });
  const stepMs = request.stepMs ?? Math.min(limits.defaults.stepMs, windowMs);
  if (!onGrid(stepMs, limits.minStepMs, windowMs)) {
    throw new UndertoneError('step-out-of-range', { value: stepMs, min: limits.minStepMs, max: windowMs });
  }
  const descriptors = [...new Set(request.descriptors ?? limits.defaults.descriptors)];
  const unknown = descriptors.find((name) => limits.descriptors !== undefined && !limits.descriptors.includes(name));
  if (unknown !== undefined) {
    const allowed = limits.descriptors?.join(', ') || 'none';
    throw new UndertoneError('unknown-descriptor', { name: excerpt(unknown), allowed });
  }
  return { windowMs, stepMs, descriptors };
}
