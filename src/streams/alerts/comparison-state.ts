import type { AlertEvidence, ChannelDescription } from '../../protocol/index.ts';
import { type Moment, measureOf } from './measures.ts';
import type { Comparison, Sides } from './rules.ts';
import { SlidingExtreme, SlidingMean } from './sliding.ts';
import { every, some, type Truth } from './truth.ts';

/** A condition of a rule with what it remembers from moment to moment. */
export interface ConditionState {
  /** To be called once at every moment: what slides over time is fed here. */
  judge(moment: Moment): Truth;
  /** How the last moment was judged. */
  evidence(): readonly AlertEvidence[];
}

/** The channels that a condition looks at. */
export function channelsOf({ who, except = [] }: Sides, channels: readonly ChannelDescription[]): number[] {
  return channels.flatMap(({ name, role }, channel) => {
    if (except.includes(role)) return [];
    if (who === 'all') return [channel];
    return ('role' in who ? role === who.role : name === who.channelName) ? [channel] : [];
  });
}

interface Judged {
  readonly channel: number | undefined;
  readonly value: number | null;
  readonly truth: Truth;
}

/** A measure beside a threshold, on every side that the rule names. */
export class ComparisonState implements ConditionState {
  readonly #comparison: Comparison;
  readonly #channels: readonly ChannelDescription[];
  readonly #series: readonly Series[];
  #decided: Judged | undefined;

  constructor(comparison: Comparison, channels: readonly ChannelDescription[]) {
    this.#comparison = comparison;
    this.#channels = channels;
    const found = measureOf(comparison.measure).scope === 'call' ? [undefined] : channelsOf(comparison.sides, channels);
    this.#series = found.map((channel) => new Series(comparison, channel));
  }

  judge(moment: Moment): Truth {
    const results = this.#series.map((series) => series.judge(moment));
    const truths = results.map(({ truth }) => truth);
    const truth = combine(this.#comparison.sides.need, truths);
    this.#decided = this.#decisive(results.filter((result) => result.truth === truth)) ?? results[0];
    return truth;
  }

  evidence(): readonly AlertEvidence[] {
    const { measure, test } = this.#comparison;
    const { channel, value = null, truth } = this.#decided ?? {};
    return [
      {
        measure,
        comparison: test.kind,
        threshold: test.threshold,
        value,
        holds: truth ?? null,
        ...(channel !== undefined && { channel, channelName: this.#channels[channel]!.name }),
      },
    ];
  }

  /** Where one side is enough, the one that goes furthest; where every one is needed, the one that goes least far. */
  #decisive(results: readonly Judged[]): Judged | undefined {
    const { test, sides } = this.#comparison;
    const further = (test.kind === 'below') === (sides.need === 'one') ? -1 : 1;
    const by = ({ value }: Judged): number => further * (value ?? 0);
    return results.toSorted((a, b) => by(b) - by(a))[0];
  }
}

/** No side at all is no knowledge: a rule about bots says nothing of a call without one. */
export function combine(need: Sides['need'], truths: readonly Truth[]): Truth {
  if (truths.length === 0) return undefined;
  return need === 'every' ? every(truths) : some(truths);
}

/** One side's values. */
class Series {
  readonly #comparison: Comparison;
  readonly #channel: number | undefined;
  readonly #mean: SlidingMean | undefined;
  readonly #extreme: SlidingExtreme | undefined;
  #held = false;

  constructor(comparison: Comparison, channel: number | undefined) {
    const { averageMs, test } = comparison;
    this.#comparison = comparison;
    this.#channel = channel;
    this.#mean = averageMs === undefined ? undefined : new SlidingMean(averageMs);
    this.#extreme = 'withinMs' in test ? new SlidingExtreme(test.withinMs, test.kind === 'falls' ? 1 : -1) : undefined;
  }

  judge(moment: Moment): Judged {
    const { value, sure } = this.#read(moment);
    const compared = value === undefined ? undefined : this.#compared(value, sure, moment.atMs);
    if (compared === undefined) return { channel: this.#channel, value: null, truth: undefined };
    const holds = this.#test(compared);
    // What is not sure can end a comparison, not begin or keep it.
    const truth = holds && !sure ? undefined : holds;
    this.#held = truth ?? this.#held;
    return { channel: this.#channel, value: compared, truth };
  }

  #read(moment: Moment): { readonly value: number | undefined; readonly sure: boolean } {
    const reading = measureOf(this.#comparison.measure).read(moment, this.#channel ?? 0);
    if (this.#mean === undefined) return { value: reading?.value, sure: reading?.sure ?? false };
    const { atMs } = moment;
    if (reading?.sure === true) this.#mean.push(atMs, reading.value);
    return { value: this.#mean.mean(atMs), sure: true };
  }

  /** The value itself, or how far it fell or rose. */
  #compared(value: number, sure: boolean, atMs: number): number | undefined {
    if (this.#extreme === undefined) return value;
    if (sure) this.#extreme.push(atMs, value);
    const extreme = this.#extreme.extreme(atMs);
    if (extreme === undefined) return undefined;
    return Math.max(0, this.#comparison.test.kind === 'falls' ? extreme - value : value - extreme);
  }

  #test(value: number): boolean {
    const { test, hysteresis } = this.#comparison;
    const slack = this.#held ? hysteresis : 0;
    switch (test.kind) {
      case 'above':
        return value > test.threshold - slack;
      case 'below':
        return value < test.threshold + slack;
      case 'falls':
      case 'rises':
        // "By 0.4" is reached at 0.4; sums of decimals miss it by a rounding error.
        return value >= test.threshold - slack - 1e-9;
    }
  }
}
