import type { Emotion } from '../../emotions.ts';
import type { AlertEvidence, ChannelDescription } from '../../protocol/index.ts';
import { ComparisonState, type ConditionState, channelsOf, combine } from './comparison-state.ts';
import type { Moment } from './measures.ts';
import type { Condition, LabelCondition } from './rules.ts';
import { every, not, some, type Truth } from './truth.ts';

/** A condition of a rule, ready to be judged for the channels of a call. */
export function conditionState(condition: Condition, channels: readonly ChannelDescription[]): ConditionState {
  switch (condition.kind) {
    case 'compare':
      return new ComparisonState(condition, channels);
    case 'label':
      return new LabelState(condition, channels);
    case 'not': {
      const inner = conditionState(condition.of, channels);
      return { judge: (moment) => not(inner.judge(moment)), evidence: () => inner.evidence() };
    }
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => conditionState(part, channels));
      const combined = condition.kind === 'all' ? every : some;
      return {
        judge: (moment) => combined(parts.map((part) => part.judge(moment))),
        evidence: () => parts.flatMap((part) => part.evidence()),
      };
    }
  }
}

interface Labelled {
  readonly channel: number;
  readonly value: Emotion | 'unknown' | null;
  readonly truth: Truth;
}

/** The label in force; over a pause it is not known, unless the rule asks for `unknown`. */
class LabelState implements ConditionState {
  readonly #condition: LabelCondition;
  readonly #channels: readonly ChannelDescription[];
  readonly #looksAt: readonly number[];
  #decided: Labelled | undefined;

  constructor(condition: LabelCondition, channels: readonly ChannelDescription[]) {
    this.#condition = condition;
    this.#channels = channels;
    this.#looksAt = channelsOf(condition.sides, channels);
  }

  judge(moment: Moment): Truth {
    const results = this.#looksAt.map((channel) => this.#look(moment, channel));
    const truth = combine(
      this.#condition.sides.need,
      results.map((result) => result.truth),
    );
    this.#decided = results.find((result) => result.truth === truth) ?? results[0];
    return truth;
  }

  evidence(): readonly AlertEvidence[] {
    const { channel, value = null, truth } = this.#decided ?? {};
    return [
      {
        measure: 'label',
        comparison: 'is',
        threshold: this.#condition.label,
        value,
        holds: truth ?? null,
        ...(channel !== undefined && { channel, channelName: this.#channels[channel]!.name }),
      },
    ];
  }

  #look(moment: Moment, channel: number): Labelled {
    const { label } = this.#condition;
    const value = moment.window(channel)?.label ?? null;
    const known = value !== null && (value !== 'unknown' || label === 'unknown');
    return { channel, value, truth: known ? value === label : undefined };
  }
}
