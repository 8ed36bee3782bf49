import type { ChannelDescription, Probabilities } from './events.ts';

/** A stretch of stream time. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** Means over the windows that have a label, each weighted by the time it added to the one before it. */
export interface MoodAverage {
  /** Time with a label; what the means stand on. */
  readonly labelledMs: number;
  /** −1 to 1; `null` where nothing has a label. */
  readonly arousal: number | null;
  readonly valence: number | null;
  /** Share of the labelled time per emotion; empty where nothing has a label. */
  readonly shares: Probabilities;
}

export interface MoodMetrics {
  /** Share of the time with windows that has a label, 0 to 1; 0 where there are none. */
  readonly coverage: number;
  /** The call so far. */
  readonly whole: MoodAverage;
  /** The last 30 s. */
  readonly recent: MoodAverage;
  /** The call so far in three parts of equal length, to within 1/120 of it. */
  readonly thirds: readonly [MoodAverage, MoodAverage, MoodAverage];
  /** Last third minus first; `null` where one of them has no label. */
  readonly change: { readonly arousal: number | null; readonly valence: number | null };
  /** Slope of the least-squares line through the labelled windows; `null` for fewer than two. */
  readonly trend: { readonly arousalPerMinute: number | null; readonly valencePerMinute: number | null };
}

/** Pauses before this side spoke after another: end of the last turn of the others to the start of its own. */
export interface AnswerMetrics {
  readonly count: number;
  readonly meanMs: number | null;
  readonly longestMs: number | null;
  readonly lastMs: number | null;
}

/** A figure of the voice beside what it was over the first 20 s of this side's speech. */
export interface VoiceFigure {
  /** Mean over the first 20 s of speech; `null` until they are complete. */
  readonly baseline: number | null;
  /** Mean over the speech of the call so far. */
  readonly whole: number | null;
  /** Mean over the speech of the last 30 s. */
  readonly recent: number | null;
  /** `recent` − `baseline`. */
  readonly change: number | null;
}

/** `null` in all figures where the events do not carry what they need. */
export interface VoiceMetrics {
  /** Mean level of the hops with speech, dB relative to full scale. */
  readonly levelDb: VoiceFigure;
  /** Mean pitch of the voiced hops, semitones above 27.5 Hz. */
  readonly pitchSemitones: VoiceFigure;
  /** Syllable nuclei per second of speech: an estimate of the speaking rate. */
  readonly syllablesPerSecond: VoiceFigure;
}

/**
 * An episode of anger begins with a window labelled so, and is over once 10 s of other labels have followed the last such
 * window; silence in between neither prolongs nor ends it.
 */
export interface AngerMetrics {
  /** Where the first episode began. */
  readonly firstMs: number | null;
  readonly episodes: number;
  /** Time labelled anger. */
  readonly angryMs: number;
  /** Whether the last episode is over; `null` where there was none. */
  readonly recovered: boolean | null;
  /** Mean time from the start of an episode to its last angry window, over the episodes that are over. */
  readonly meanRecoveryMs: number | null;
}

/** One channel of the call. "Speaking" is being inside a turn, pauses under 700 ms included. */
export interface SideMetrics extends ChannelDescription {
  readonly channel: number;
  readonly turns: number;
  readonly talkMs: number;
  /** Of the time that was heard. */
  readonly talkRatio: number;
  /** Of the talk time of all sides together; `null` while nobody has spoken. */
  readonly talkShare: number | null;
  readonly longestTurnMs: number;
  /** Time that was heard and this side did not speak. */
  readonly silenceMs: number;
  readonly longestSilence: Stretch | null;
  /** Turns that began while another side spoke. */
  readonly overlaps: number;
  /** Those of them that spoke with the other for 500 ms at least and went on when it had ended: the floor was taken. */
  readonly interruptions: number;
  readonly answers: AnswerMetrics;
  readonly voice: VoiceMetrics;
  readonly mood: MoodMetrics;
  readonly anger: AngerMetrics;
}

/**
 * Figures of a call, live or at its end. All times are stream time. `durationMs` is heard and missing time together; ratios
 * are of what was heard. The words for pauses, gaps and overlaps are those of Heldner & Edlund 2010, "Pauses, gaps and
 * overlaps in conversations".
 */
export interface CallMetrics {
  readonly durationMs: number;
  /** Audio that never came (`gap`); it is neither talk nor silence. */
  readonly missingMs: number;
  /** One side at least spoke. */
  readonly talkMs: number;
  readonly talkRatio: number;
  /** No side spoke. */
  readonly silenceMs: number;
  readonly silenceRatio: number;
  readonly longestSilence: Stretch | null;
  /** Two sides or more spoke at once. */
  readonly overtalkMs: number;
  readonly overtalkRatio: number;
  /** Stretches of it. */
  readonly overtalks: number;
  /** All sides together. */
  readonly mood: MoodMetrics;
  /** By channel. */
  readonly sides: readonly SideMetrics[];
}
