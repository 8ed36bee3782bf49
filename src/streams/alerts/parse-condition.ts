import { isScalar, type Node } from 'yaml';
import { EMOTIONS, type Emotion } from '../../emotions.ts';
import { ROLES, type Role } from '../../protocol/index.ts';
import { isFelt, MEASURE_NAMES, type Measure, measureOf, type Unit } from './measures.ts';
import { type Entries, list, type RuleReader } from './rule-reader.ts';
import type { Condition, Sides, Test } from './rules.ts';

const DEEPEST = 8;
const MOST_PARTS = 64;
/** What a rule remembers of the past, at most. */
const LONGEST_MEMORY_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;

const COMBINED = ['all', 'any', 'not'] as const;
const TESTS = ['above', 'below', 'falls', 'rises'] as const;
const KEYS = [...COMBINED, 'label', 'measure', 'of', 'channel', 'average', ...TESTS, 'within', 'hysteresis'] as const;
const WHO = [...ROLES, 'anyone', 'everyone'] as const;

/** Least and greatest threshold by unit; times and shares have readers of their own. */
const RANGES: Readonly<Record<Exclude<Unit, 'duration' | 'share'>, readonly [number, number]>> = {
  probability: [0, 1],
  place: [-1, 1],
  count: [0, 10_000],
  dB: [-120, 120],
  semitones: [-60, 60],
  'per second': [-50, 50],
};

/** Reads the condition of one rule. */
export class ConditionReader {
  readonly #reader: RuleReader;
  readonly #labels: readonly Emotion[];
  readonly #withheld: readonly Role[];
  #parts = 0;

  /**
   * @param labels the emotions that the model knows.
   * @param withheld roles whose emotions are not looked at.
   */
  constructor(reader: RuleReader, labels: readonly Emotion[], withheld: readonly Role[]) {
    this.#reader = reader;
    this.#labels = labels;
    this.#withheld = withheld;
  }

  read(node: Node, depth = 1): Condition | undefined {
    this.#parts += 1;
    if (depth > DEEPEST) return this.#reader.problem(node, `Conditions nest ${DEEPEST} deep at most.`);
    if (this.#parts > MOST_PARTS) return this.#reader.problem(node, `A rule has ${MOST_PARTS} conditions at most.`);
    const entries = this.#reader.entries(node, 'A condition', KEYS);
    if (entries === undefined) return undefined;
    const kinds = [...COMBINED, 'label', 'measure'].filter((key) => entries.has(key));
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      return this.#reader.problem(node, 'A condition has exactly one of all, any, not, label or measure.');
    }
    if (kind === 'label') return this.#label(node, entries);
    if (kind === 'measure') return this.#comparison(node, entries);
    return this.#combined(node, entries, kind as (typeof COMBINED)[number], depth);
  }

  #combined(node: Node, entries: Entries, kind: (typeof COMBINED)[number], depth: number): Condition | undefined {
    if (!this.#only(entries, [kind], `"${kind}"`)) return undefined;
    const value = entries.get(kind)!;
    if (kind === 'not') {
      const of = this.read(value, depth + 1);
      return of === undefined ? undefined : { kind, of };
    }
    const items = this.#reader.items(value, kind);
    if (items === undefined) return undefined;
    if (items.length === 0) return this.#reader.problem(node, `"${kind}" lists one condition at least.`);
    const of = items.flatMap((item) => this.read(item, depth + 1) ?? []);
    return of.length < items.length ? undefined : { kind, of };
  }

  #label(node: Node, entries: Entries): Condition | undefined {
    if (!this.#only(entries, ['label', 'of', 'channel'], 'A "label"')) return undefined;
    const label = this.#reader.choice(entries.get('label')!, 'label', [...EMOTIONS, 'unknown']);
    if (label !== undefined && !this.#known(entries.get('label')!, label)) return undefined;
    const sides = this.#sides(node, entries, 'one');
    this.#warnOfWithheld('label', entries);
    return label === undefined || sides === undefined ? undefined : { kind: 'label', label, sides };
  }

  #comparison(node: Node, entries: Entries): Condition | undefined {
    const name = this.#reader.choice(entries.get('measure')!, 'measure', MEASURE_NAMES);
    if (name === undefined || !this.#known(entries.get('measure')!, name)) return undefined;
    const measure: Measure = measureOf(name);
    const selected = entries.get('of') ?? entries.get('channel');
    if (measure.scope === 'call' && selected !== undefined) {
      return this.#reader.problem(selected, `${name} is a figure of the call; leave "of" out.`);
    }
    const sides = this.#sides(node, entries, measure.need ?? 'one');
    this.#warnOfWithheld(name, entries);
    const test = this.#test(node, entries, measure.unit);
    const averageMs = this.#optional(entries, 'average', (value) => this.#memory(value, 'average'));
    const hysteresis = this.#optional(entries, 'hysteresis', (value) =>
      this.#amount(value, 'hysteresis', measure.unit),
    );
    if (sides === undefined || test === undefined || averageMs === null || hysteresis === null) return undefined;
    return {
      kind: 'compare',
      measure: name,
      sides,
      ...(averageMs !== undefined && { averageMs }),
      test,
      hysteresis: hysteresis ?? 0,
    };
  }

  /** Whether a name is none of an emotion, or of one that the model knows. */
  #known(node: Node, name: string): boolean {
    const emotion = EMOTIONS.find((candidate) => candidate === name);
    if (emotion === undefined || this.#labels.includes(emotion)) return true;
    this.#reader.problem(node, `The model knows no ${emotion}; it knows ${list(this.#labels)}.`);
    return false;
  }

  #test(node: Node, entries: Entries, unit: Unit): Test | undefined {
    const tests = TESTS.filter((key) => entries.has(key));
    const [kind] = tests;
    if (kind === undefined || tests.length > 1) {
      return this.#reader.problem(node, `A measure has exactly one of ${list(TESTS)}.`);
    }
    const value = entries.get(kind)!;
    const within = entries.get('within');
    if (kind === 'above' || kind === 'below') {
      if (within !== undefined) return this.#reader.problem(within, '"within" belongs to falls and rises.');
      const threshold = this.#threshold(value, kind, unit);
      return threshold === undefined ? undefined : { kind, threshold };
    }
    const threshold = this.#amount(value, kind, unit);
    if (within === undefined) return this.#reader.problem(node, `"${kind}" needs "within", as in "within: 1 min".`);
    const withinMs = this.#memory(within, 'within');
    if (threshold === undefined || withinMs === undefined) return undefined;
    if (threshold === 0) return this.#reader.problem(value, `${kind} is more than 0.`);
    return { kind, threshold, withinMs };
  }

  #threshold(node: Node, what: string, unit: Unit): number | undefined {
    if (unit === 'duration') return this.#reader.duration(node, what, DAY_MS);
    if (unit === 'share') return this.#reader.share(node, what);
    const [low, high] = RANGES[unit];
    return this.#reader.number(node, what, low, high);
  }

  /** A difference of two values: as a threshold, but never negative. */
  #amount(node: Node, what: string, unit: Unit): number | undefined {
    if (unit === 'duration' || unit === 'share') return this.#threshold(node, what, unit);
    const [low, high] = RANGES[unit];
    return this.#reader.number(node, what, 0, high - low);
  }

  #memory(node: Node, what: string): number | undefined {
    const ms = this.#reader.duration(node, what, LONGEST_MEMORY_MS);
    return ms === 0 ? this.#reader.problem(node, `${what} is more than 0.`) : ms;
  }

  #sides(node: Node, entries: Entries, need: Sides['need']): Sides | undefined {
    const of = entries.get('of');
    const channel = entries.get('channel');
    if (of !== undefined && channel !== undefined) {
      return this.#reader.problem(node, 'A condition has "of" or "channel", not both.');
    }
    if (channel !== undefined) {
      const channelName = this.#reader.text(channel, 'channel', 128);
      return channelName === undefined ? undefined : { who: { channelName }, need };
    }
    if (of === undefined) return { who: 'all', need };
    const who = this.#reader.choice(of, 'of', WHO);
    if (who === undefined) return undefined;
    if (who === 'anyone') return { who: 'all', need: 'one' };
    return who === 'everyone' ? { who: 'all', need: 'every' } : { who: { role: who }, need };
  }

  #warnOfWithheld(measure: string, entries: Entries): void {
    const of = entries.get('of');
    const role = this.#withheld.find((candidate) => isScalar(of) && of.value === candidate);
    if (of === undefined || role === undefined || !isFelt(measure)) return;
    this.#reader.warn(of, `The policy withholds the emotions of ${role}: this condition is never judged.`);
  }

  #only(entries: Entries, keys: readonly string[], what: string): boolean {
    const extra = [...entries].filter(([key]) => !keys.includes(key));
    for (const [key, node] of extra) this.#reader.problem(node, `${what} does not go with "${key}".`);
    return extra.length === 0;
  }

  /** `undefined` where the key is not there, `null` where its value is wrong. */
  #optional<T>(entries: Entries, key: string, read: (node: Node) => T | undefined): T | undefined | null {
    const node = entries.get(key);
    return node === undefined ? undefined : (read(node) ?? null);
  }
}
