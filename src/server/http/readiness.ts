/** Why a server should get no new streams now. */
export const NOT_READY_REASONS = [
  'draining',
  'overloaded',
  'model-failed',
  'analysis-unavailable',
  'store-failing',
] as const;
export type NotReadyReason = (typeof NOT_READY_REASONS)[number];

/** Of `GET /readyz`. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly reasons: readonly NotReadyReason[];
}

export interface ReadinessFacts {
  readonly draining: boolean;
  /** No new stream is taken. */
  readonly overloaded: boolean;
  /** The model has failed within the last minute. */
  readonly modelFailed: boolean;
  /** Workers die again and again. */
  readonly analysisUnavailable: boolean;
  readonly storeFailing: boolean;
}

export function readinessOf(facts: ReadinessFacts): Readiness {
  const reasons: NotReadyReason[] = [];
  if (facts.draining) reasons.push('draining');
  if (facts.overloaded) reasons.push('overloaded');
  if (facts.modelFailed) reasons.push('model-failed');
  if (facts.analysisUnavailable) reasons.push('analysis-unavailable');
  if (facts.storeFailing) reasons.push('store-failing');
  return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons };
}
