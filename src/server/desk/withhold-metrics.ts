import type {
  CallMetrics,
  MoodAverage,
  MoodMetrics,
  Probabilities,
  Role,
  SideMetrics,
  VoiceFigure,
} from '../../protocol/index.ts';

const NO_AVERAGE: MoodAverage = { labelledMs: 0, arousal: null, valence: null, shares: {} };
const NO_MOOD: MoodMetrics = {
  coverage: 0,
  whole: NO_AVERAGE,
  recent: NO_AVERAGE,
  thirds: [NO_AVERAGE, NO_AVERAGE, NO_AVERAGE],
  change: { arousal: null, valence: null },
  trend: { arousalPerMinute: null, valencePerMinute: null },
};
const NO_FIGURE: VoiceFigure = { baseline: null, whole: null, recent: null, change: null };

/** Figures of a call without the moods and voices of these roles; the mood of the call is that of the other sides. */
export function withholdFromMetrics(metrics: CallMetrics, withheld: readonly Role[]): CallMetrics {
  if (!metrics.sides.some(({ role }) => withheld.includes(role))) return metrics;
  const seen = metrics.sides.filter(({ role }) => !withheld.includes(role));
  return {
    ...metrics,
    mood: moodOf(seen.map(({ mood }) => mood)),
    sides: metrics.sides.map((side) => (withheld.includes(side.role) ? silentSide(side) : side)),
  };
}

const silentSide = (side: SideMetrics): SideMetrics => ({
  ...side,
  voice: { levelDb: NO_FIGURE, pitchSemitones: NO_FIGURE, syllablesPerSecond: NO_FIGURE },
  mood: NO_MOOD,
  anger: { firstMs: null, episodes: 0, angryMs: 0, recovered: null, meanRecoveryMs: null },
});

/** Of several sides together. Their trends cannot be put together from what is kept; that of more than one is not told. */
function moodOf(moods: readonly MoodMetrics[]): MoodMetrics {
  const [only = NO_MOOD] = moods;
  if (moods.length <= 1) return only;
  const thirds = [0, 1, 2].map((index) => averageOf(moods.map((mood) => mood.thirds[index] ?? NO_AVERAGE)));
  const [first = NO_AVERAGE, second = NO_AVERAGE, third = NO_AVERAGE] = thirds;
  return {
    coverage: moods.reduce((sum, { coverage }) => sum + coverage, 0) / moods.length,
    whole: averageOf(moods.map(({ whole }) => whole)),
    recent: averageOf(moods.map(({ recent }) => recent)),
    thirds: [first, second, third],
    change: { arousal: minus(third.arousal, first.arousal), valence: minus(third.valence, first.valence) },
    trend: NO_MOOD.trend,
  };
}

/** Means of means, each for the time it stands on. */
function averageOf(averages: readonly MoodAverage[]): MoodAverage {
  const labelledMs = averages.reduce((sum, average) => sum + average.labelledMs, 0);
  if (labelledMs === 0) return NO_AVERAGE;
  const mean = (read: (average: MoodAverage) => number | null | undefined): number =>
    averages.reduce((sum, average) => sum + (read(average) ?? 0) * average.labelledMs, 0) / labelledMs;
  const names = new Set(averages.flatMap(({ shares }) => Object.keys(shares) as (keyof Probabilities)[]));
  return {
    labelledMs,
    arousal: mean(({ arousal }) => arousal),
    valence: mean(({ valence }) => valence),
    shares: Object.fromEntries([...names].map((name) => [name, mean(({ shares }) => shares[name])])),
  };
}

const minus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);
