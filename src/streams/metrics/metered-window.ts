import type { Stretch, TimelineEvent, WindowEvent } from '../../protocol/index.ts';

/** The voice in the time that a window added to the one before it. */
export interface AddedVoice {
  /** Hops with speech. */
  readonly speechMs: number;
  /** Mean level of those hops, dB relative to full scale; `null` where there is none. */
  readonly levelDb: number | null;
  /** Mean pitch of the voiced hops, semitones above 27.5 Hz; `null` where there is none. */
  readonly pitchSemitones: number | null;
  /** Syllable nuclei that were found. */
  readonly syllables: number;
}

/** A window with what call metrics want to know beyond its event. Both parts may be missing; the figures say so. */
export interface MeteredWindow extends WindowEvent {
  readonly added?: AddedVoice;
  /** The turn that is open at the window's end, from its start to its last speech so far; `null` where none is open. */
  readonly openTurn?: Stretch | null;
}

export type MeteredEvent = Exclude<TimelineEvent, WindowEvent> | MeteredWindow;
