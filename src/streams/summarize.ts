import { HOP_MS, HOP_SAMPLES } from '../audio/index.ts';
import { descriptorIndex, featureSet, meydaValueNames, WindowState } from '../features/index.ts';
import type { Ear, Listen } from '../inference/index.ts';
import type { AnalysisSettings } from '../protocol/index.ts';
import { VoiceSinceWindow } from './metrics/index.ts';
import type { Aside, Beside, DueWindow, JumpSignal, RowSignal } from './signals.ts';
import type { Block } from './stage.ts';
import { TurnDetector } from './turns.ts';
import type { ChannelCheckpoint, StreamOptions } from './types.ts';

type Summarized = DueWindow | Beside;

const SPEECH = descriptorIndex('speech');
const LEVEL = descriptorIndex('levelDb');
const F0 = descriptorIndex('f0Semitones');
const SPEECH_HOP = 0.5;
const NOTHING = new Float32Array(0);

/** What the summary of a stream needs to know of it while it runs. */
export interface StreamPosition {
  /** Arrival of the latest packet, on the analyzer's clock. */
  readonly arrivedAtMs: () => number;
  /** The end of the last sample received, ms. */
  readonly endMs: () => number;
  /** Windows end at multiples of so many steps. */
  readonly stretch?: () => number;
}

/**
 * Rows → due windows. Windows end at multiples of the step, in the channel's own time; the end of the stream adds one that
 * ends with the last sample, if none did.
 */
export class Summarize implements Block<RowSignal | JumpSignal | Aside, Summarized> {
  readonly #legs: readonly Leg[];

  constructor(
    { format, analysis, from }: Pick<StreamOptions, 'format' | 'analysis' | 'from'>,
    position: StreamPosition,
    listen?: Listen,
  ) {
    const startMs = startOf(from);
    this.#legs = Array.from(
      { length: format.channels },
      (_, channel) =>
        new Leg(channel, analysis, position, startMs, from?.channels[channel], listen?.({ ...analysis, startMs })),
    );
  }

  next(signal: RowSignal | JumpSignal | Aside, emit: (item: Summarized) => void): void {
    switch (signal.kind) {
      case 'row':
        this.#legs[signal.channel]!.push(signal, emit);
        return;
      case 'jump':
        for (const leg of this.#legs) leg.jump(signal.hops, emit);
        return;
      default:
        emit(signal);
    }
  }

  flush(emit: (item: Summarized) => void): void {
    for (const leg of this.#legs) leg.flush(emit);
  }
}

/** Where a stream goes on: the hop after the earliest last window of its channels. */
export function startOf(from: StreamOptions['from']): number {
  if (from === undefined) return 0;
  return Math.floor(Math.min(...from.channels.map(({ endMs }) => endMs)) / HOP_MS) * HOP_MS;
}

/** One channel: its window, its grid, its turns. */
class Leg {
  readonly #channel: number;
  readonly #analysis: AnalysisSettings;
  /** Of the values that descriptors asked for by name give. */
  readonly #extraNames: readonly string[];
  readonly #position: StreamPosition;
  readonly #window: WindowState;
  readonly #turns = new TurnDetector();
  readonly #voice = new VoiceSinceWindow();
  readonly #clipping: ClippingRing;
  /** Of a model that hears the hops themselves. */
  readonly #ear: Ear | undefined;
  #endMs: number;
  #lastWindowEndMs: number;
  #seq: number;

  constructor(
    channel: number,
    analysis: AnalysisSettings,
    position: StreamPosition,
    startMs: number,
    from: ChannelCheckpoint | undefined,
    ear: Ear | undefined,
  ) {
    this.#channel = channel;
    this.#ear = ear;
    this.#endMs = startMs;
    this.#lastWindowEndMs = from?.endMs ?? 0;
    this.#seq = from?.windows ?? 0;
    this.#analysis = analysis;
    this.#position = position;
    const hops = analysis.windowMs / HOP_MS;
    this.#extraNames = meydaValueNames(analysis.descriptors);
    this.#window = new WindowState(hops, this.#extraNames.length);
    this.#clipping = new ClippingRing(hops);
  }

  push(signal: RowSignal, emit: (item: Summarized) => void): void {
    this.#endMs += HOP_MS;
    this.#window.push(signal.row);
    this.#ear?.push(signal.row);
    this.#clipping.push(signal.clipped);
    // The hop that `stop` completed ends with the last sample, not with its zeros.
    const endMs = Math.min(this.#endMs, this.#position.endMs());
    const speech = signal.row[SPEECH]! >= SPEECH_HOP;
    this.#voice.hop(signal.row[LEVEL]!, speech, signal.row[F0]!);
    const turn = this.#turns.push(speech, endMs);
    if (turn !== undefined) emit({ kind: 'turn', channel: this.#channel, ...turn });
    const stepMs = this.#analysis.stepMs * (this.#position.stretch?.() ?? 1);
    if (endMs % stepMs === 0 && endMs > this.#lastWindowEndMs) this.#due(endMs, emit);
  }

  jump(hops: number, emit: (item: Summarized) => void): void {
    this.#endTurn(emit);
    this.#ear?.jump(hops);
    this.#endMs += hops * HOP_MS;
  }

  flush(emit: (item: Summarized) => void): void {
    const endMs = Math.min(this.#endMs, this.#position.endMs());
    if (endMs > this.#lastWindowEndMs && this.#window.hops > 0) this.#due(endMs, emit);
    this.#endTurn(emit);
  }

  #endTurn(emit: (item: Summarized) => void): void {
    const turn = this.#turns.end();
    if (turn !== undefined) emit({ kind: 'turn', channel: this.#channel, ...turn });
  }

  #due(endMs: number, emit: (item: Summarized) => void): void {
    const heard = this.#ear?.due();
    const features = this.#ear === undefined ? new Float32Array(featureSet.length) : NOTHING;
    if (features !== NOTHING) this.#window.functionals(features);
    this.#lastWindowEndMs = endMs;
    const seq = this.#seq;
    this.#seq += 1;
    emit({
      kind: 'window',
      channel: this.#channel,
      seq,
      startMs: Math.max(0, endMs - this.#analysis.windowMs),
      endMs,
      features,
      ...(heard && { heard }),
      speechRatio: this.#window.speechRatio,
      openTurn: this.#turns.current,
      added: this.#voice.take(),
      quality: { levelDb: this.#window.meanLevelDb, clippedRatio: this.#clipping.ratio },
      ...(this.#extraNames.length > 0 && { descriptors: this.#extras() }),
      arrivedAtMs: this.#position.arrivedAtMs(),
    });
  }

  #extras(): Record<string, number | null> {
    const means = new Float32Array(this.#extraNames.length);
    this.#window.extraMeans(means);
    return Object.fromEntries(
      this.#extraNames.map((name, index) => {
        const mean = means[index]!;
        return [name, Number.isFinite(mean) ? mean : null];
      }),
    );
  }
}

/** Samples at full scale over the window's hops. */
class ClippingRing {
  readonly #counts: Uint8Array;
  #next = 0;
  #filled = 0;
  #total = 0;

  constructor(hops: number) {
    this.#counts = new Uint8Array(hops);
  }

  get ratio(): number {
    return this.#filled === 0 ? 0 : this.#total / (this.#filled * HOP_SAMPLES);
  }

  push(count: number): void {
    this.#total += count - this.#counts[this.#next]!;
    this.#counts[this.#next] = count;
    this.#next = (this.#next + 1) % this.#counts.length;
    if (this.#filled < this.#counts.length) this.#filled += 1;
  }
}
