import type { AlertChange, AlertClearCause, CallMetrics, ChannelDescription } from '../../protocol/index.ts';
import { CallMeter, type MeteredEvent, type MeteredWindow } from '../metrics/index.ts';
import { definitionOf } from './definition.ts';
import type { Moment } from './measures.ts';
import { RuleState } from './rule-state.ts';
import { type AlertRule, needsLength } from './rules.ts';

export interface AlertEngineOptions {
  readonly channels: readonly ChannelDescription[];
  /**
   * The call's meter, where there is one already (rules that were reloaded); the engine feeds it. Default: a new one.
   */
  readonly meter?: CallMeter;
  /** The length of a recorded call. Without it, rules with a range in percent are not judged. */
  readonly lengthMs?: number;
}

/**
 * Alert rules over the events of one stream: events in, raised and cleared alerts out, in stream time. Pure, and its memory
 * does not grow with the call.
 *
 * The rules are judged when every side's window of one position is there, so that their order does not matter; where a side
 * sends none (its analysis is off), at the next position, and from then on without waiting for it.
 *
 * @example
 * const engine = new AlertEngine(readAlertRules(text), { channels });
 * stream.events.subscribe((event) => {
 *   for (const change of engine.next(event)) console.log(change.rule, change.state, change.atMs);
 * });
 */
export class AlertEngine implements Moment {
  readonly meter: CallMeter;
  readonly #channels: readonly ChannelDescription[];
  readonly #lengthMs: number | undefined;
  #waiting: readonly AlertRule[] = [];
  #states: readonly RuleState[] = [];
  /** The latest window of each channel. */
  readonly #windows: (MeteredWindow | undefined)[];
  /** Channels that sent no window for a position at which others did. */
  readonly #absent = new Set<number>();
  /** The position of windows that are in and not yet judged. */
  #dueMs: number | undefined;
  #judgedMs = 0;
  #metrics: CallMetrics | undefined;

  constructor(rules: readonly AlertRule[], { channels, meter, lengthMs }: AlertEngineOptions) {
    this.meter = meter ?? new CallMeter(channels);
    this.#channels = channels;
    this.#lengthMs = lengthMs;
    this.#windows = channels.map(() => undefined);
    this.replace(rules);
  }

  /** Rules that wait for the call's length; to be judged by another engine once it is known. */
  get waiting(): readonly AlertRule[] {
    return this.#waiting;
  }

  /** Names of the rules whose alert is raised. */
  get raised(): readonly string[] {
    return this.#states.filter(({ raised }) => raised).map(({ rule }) => rule.name);
  }

  next(event: MeteredEvent): readonly AlertChange[] {
    const changes: AlertChange[] = [];
    const gap = event.type === 'status' && event.code === 'gap';
    const later = event.type === 'window' && this.#dueMs !== undefined && event.endMs > this.#dueMs;
    if (later || gap || event.type === 'ended') changes.push(...this.#judge());
    this.meter.next(event);
    this.#metrics = undefined;
    if (event.type === 'window') changes.push(...this.#window(event));
    if (gap) for (const state of this.#states) state.interrupt();
    if (event.type === 'ended') changes.push(...clearAll(this.#states, 'ended', event.durationMs));
    return changes;
  }

  /**
   * Other rules from here on. Those that are defined as one before go on as if nothing had happened; the alerts of the
   * others are cleared as `rule-removed`. A new rule knows the call's figures so far, and no window before the next.
   */
  replace(rules: readonly AlertRule[]): readonly AlertChange[] {
    this.#waiting = this.#lengthMs === undefined ? rules.filter(needsLength) : [];
    const before = new Map(this.#states.map((state) => [definitionOf(state.rule), state]));
    this.#states = rules
      .filter((rule) => !this.#waiting.includes(rule))
      .map((rule) => {
        const definition = definitionOf(rule);
        const kept = before.get(definition);
        before.delete(definition);
        return kept ?? new RuleState(rule, this.#channels, this.#lengthMs);
      });
    return clearAll([...before.values()], 'rule-removed', this.meter.nowMs);
  }

  /** Clears what is raised, because these rules are no longer in force. */
  retire(): readonly AlertChange[] {
    return this.replace([]);
  }

  /** The moment that is judged. */
  get atMs(): number {
    return this.#judgedMs;
  }

  window(channel: number): MeteredWindow | undefined {
    const window = this.#windows[channel];
    return window?.endMs === this.#judgedMs ? window : undefined;
  }

  metrics(): CallMetrics {
    this.#metrics ??= this.meter.metrics();
    return this.#metrics;
  }

  #window(event: MeteredWindow): readonly AlertChange[] {
    this.#windows[event.channel] = event;
    this.#absent.delete(event.channel);
    this.#dueMs = event.endMs;
    const complete = this.#windows.every(
      (window, channel) => window?.endMs === event.endMs || this.#absent.has(channel),
    );
    return complete ? this.#judge() : [];
  }

  #judge(): readonly AlertChange[] {
    const atMs = this.#dueMs;
    this.#dueMs = undefined;
    if (atMs === undefined || atMs <= this.#judgedMs) return [];
    this.#judgedMs = atMs;
    for (const [channel, window] of this.#windows.entries()) if (window?.endMs !== atMs) this.#absent.add(channel);
    return this.#states.flatMap((state) => state.judge(this) ?? []);
  }
}

function clearAll(states: readonly RuleState[], cause: AlertClearCause, atMs: number): readonly AlertChange[] {
  return states.filter(({ raised }) => raised).map((state) => state.clear(cause, atMs));
}
