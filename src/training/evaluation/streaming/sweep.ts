import type { Emotion } from '../../../emotions.ts';
import { type StreamingMetrics, type StreamTally, streamingFigures } from '../../streaming-metrics.ts';
import type { HeardSpeaker } from './heard-streams.ts';
import { shortfall, tallies } from './judge.ts';
import type { StreamSettings } from './stream-settings.ts';

/** The streams that classifiers of one window length have heard. */
export interface HeardWindow {
  readonly windowMs: number;
  readonly streams: readonly HeardSpeaker[];
}

export interface Trial {
  readonly settings: StreamSettings;
  readonly metrics: StreamingMetrics;
}

export type Knob = Exclude<keyof StreamSettings, 'windowMs'>;

/** What is tried of each. */
export const VALUES: Readonly<Record<Knob, readonly number[]>> = {
  stepMs: [250, 500, 1000],
  timeConstantMs: [0, 250, 500, 1000, 1500, 2000, 3000, 4000, 6000],
  hysteresis: [0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5],
  threshold: [0, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5],
  minSpeechRatio: [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4],
  keepSpeechRatio: [0, 0.02, 0.05, 0.1, 0.15],
};

/** Of the grid. */
const SPEECH = { minSpeechRatio: 0.25, keepSpeechRatio: 0.1 };

/** Tries settings on streams, each only once, whatever folds are looked at. */
export class Sweep {
  readonly #windows: readonly HeardWindow[];
  readonly #labels: readonly Emotion[];
  readonly #tallies = new Map<string, readonly StreamTally[]>();

  constructor(windows: readonly HeardWindow[], labels: readonly Emotion[]) {
    this.#windows = windows;
    this.#labels = labels;
  }

  /** @param fold only the streams of this fold. */
  try(settings: StreamSettings, fold?: string): Trial {
    const { streams } = this.#windows.find(({ windowMs }) => windowMs === settings.windowMs)!;
    const key = JSON.stringify(settings);
    let all = this.#tallies.get(key);
    if (all === undefined) {
      all = tallies(streams, settings, this.#labels);
      this.#tallies.set(key, all);
    }
    const own = fold === undefined ? all : all.filter((_, index) => streams[index]!.fold === fold);
    return { settings, metrics: streamingFigures(own) };
  }

  /**
   * The settings with the least shortfall of the bars, of equals those with the higher UA: all time constants and hystereses of each
   * window and step first, then one knob after the other while that helps.
   */
  async choose(fold?: string, onProgress: (share: number) => void = () => {}): Promise<Trial> {
    const grid = this.#windows.flatMap(({ windowMs }) =>
      VALUES.stepMs.flatMap((stepMs) =>
        VALUES.timeConstantMs.map((timeConstantMs) => ({ windowMs, stepMs, timeConstantMs })),
      ),
    );
    let best: Trial | undefined;
    for (const [index, of] of grid.entries()) {
      for (const hysteresis of VALUES.hysteresis) {
        const trial = this.try({ ...of, hysteresis, threshold: 0, ...SPEECH }, fold);
        if (best === undefined || better(trial, best)) best = trial;
      }
      onProgress((0.8 * (index + 1)) / grid.length);
      // Lets timers, signals and progress have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    let found = best!;
    for (let round = 0; round < 3; round++) {
      const before = found;
      for (const knob of Object.keys(VALUES) as Knob[]) {
        for (const value of VALUES[knob]) {
          const trial = this.try({ ...found.settings, [knob]: value }, fold);
          if (better(trial, found)) found = trial;
        }
      }
      if (found === before) break;
    }
    onProgress(1);
    return found;
  }

  /** Everything that was tried, on all streams. */
  get trials(): readonly Trial[] {
    return [...this.#tallies].map(([key, all]) => ({
      settings: JSON.parse(key) as StreamSettings,
      metrics: streamingFigures(all),
    }));
  }
}

function better(a: Trial, b: Trial): boolean {
  const gap = shortfall(a.metrics) - shortfall(b.metrics);
  return gap < 0 || (gap === 0 && a.metrics.ua > b.metrics.ua);
}
