import type { AlertChange, AlertClearCause, ChannelDescription } from '../../protocol/index.ts';
import type { ConditionState } from './comparison-state.ts';
import { conditionState } from './condition-state.ts';
import type { Moment } from './measures.ts';
import type { AlertRule, TimeBound } from './rules.ts';
import type { Truth } from './truth.ts';

/** After this long without knowledge a condition counts as failed, and an alert is cleared. */
const STALE_MS = 30_000;

/**
 * One rule over one call. The condition is true, false or not known at every moment; time counts from one moment to the
 * next while both are true (for a raise) or both false (for a clear). What is not known in between, a caller who listens
 * or a window of low confidence, neither counts nor starts over, for up to 30 s.
 */
export class RuleState {
  readonly rule: AlertRule;
  readonly #condition: ConditionState;
  readonly #lengthMs: number | undefined;
  #raised = false;
  /** How the last moment was judged; not known at first. */
  #truth: Truth;
  #atMs = 0;
  #knownAtMs = 0;
  /** Where the present run of the condition began; `undefined` while it fails. */
  #sinceMs: number | undefined;
  #trueMs = 0;
  #falseMs = 0;
  #clearedAtMs = Number.NEGATIVE_INFINITY;

  constructor(rule: AlertRule, channels: readonly ChannelDescription[], lengthMs: number | undefined) {
    this.rule = rule;
    this.#lengthMs = lengthMs;
    this.#condition = conditionState(rule.when, channels);
  }

  get raised(): boolean {
    return this.#raised;
  }

  /** Judges the rule at a moment later than the one before. */
  judge(moment: Moment): AlertChange | undefined {
    const { atMs } = moment;
    const inRange = this.#inRange(atMs);
    // Judged out of range, too: what it remembers of the time before must be there when the range begins.
    const truth = this.#condition.judge(moment);
    this.#count(inRange ? truth : false, atMs);
    if (this.#raised) {
      if (!inRange) return this.clear('out-of-range', atMs);
      if (this.#truth === undefined && atMs - this.#knownAtMs >= STALE_MS) return this.clear('stale', atMs);
      return this.#truth === false && this.#falseMs >= this.rule.clearAfterMs
        ? this.clear('condition', atMs)
        : undefined;
    }
    const due = this.#truth === true && this.#trueMs >= this.rule.forMs;
    if (!due || atMs - this.#clearedAtMs < this.rule.cooldownMs) return undefined;
    this.#raised = true;
    return this.#change('raised', atMs);
  }

  /** Time passed that nobody heard: nothing counts over it. */
  interrupt(): void {
    this.#truth = undefined;
  }

  /** Clears the alert, which is raised. */
  clear(cause: AlertClearCause, atMs: number): AlertChange {
    const change = { ...this.#change('cleared', atMs), cause };
    this.#raised = false;
    this.#clearedAtMs = atMs;
    this.#forget();
    return change;
  }

  #count(truth: Truth, atMs: number): void {
    const passedMs = truth === this.#truth ? atMs - this.#atMs : 0;
    if (truth === undefined && atMs - this.#knownAtMs >= STALE_MS && !this.#raised) this.#forget();
    if (truth === true) {
      this.#sinceMs ??= atMs;
      this.#trueMs += passedMs;
      this.#falseMs = 0;
    }
    if (truth === false) {
      this.#falseMs += passedMs;
      this.#trueMs = 0;
      if (!this.#raised) this.#sinceMs = undefined;
    }
    if (truth !== undefined) this.#knownAtMs = atMs;
    this.#truth = truth;
    this.#atMs = atMs;
  }

  #forget(): void {
    this.#sinceMs = undefined;
    this.#trueMs = 0;
    this.#falseMs = 0;
  }

  #inRange(atMs: number): boolean {
    const { during } = this.rule;
    return during === undefined || (atMs >= this.#bound(during.from) && atMs <= this.#bound(during.to));
  }

  #bound(bound: TimeBound): number {
    // Without a length nothing lies in a share of it.
    return 'ms' in bound ? bound.ms : bound.share * (this.#lengthMs ?? Number.NaN);
  }

  #change(state: AlertChange['state'], atMs: number): AlertChange {
    const { name, severity } = this.rule;
    return {
      rule: name,
      severity,
      state,
      atMs,
      sinceMs: this.#sinceMs ?? atMs,
      evidence: this.#condition.evidence(),
    };
  }
}
