import { HOP_MS } from '../../audio/index.ts';
import type { AddedVoice } from './metered-window.ts';
import { SyllableCounter } from './syllables.ts';

/**
 * The voice of one channel since the last window, from the rows of its hops. No allocation per hop.
 *
 * @example
 * const voice = new VoiceSinceWindow();
 * voice.hop(row[LEVEL]!, row[SPEECH]! >= 0.5, row[F0]!); // at every hop
 * const added = voice.take(); // at every window that is due
 */
export class VoiceSinceWindow {
  readonly #counter = new SyllableCounter();
  #speechHops = 0;
  #levelDb = 0;
  #voicedHops = 0;
  #semitones = 0;
  #syllables = 0;

  /** @param f0Semitones NaN where the hop has no pitch. */
  hop(levelDb: number, speech: boolean, f0Semitones: number): void {
    const voiced = speech && !Number.isNaN(f0Semitones);
    if (this.#counter.push(levelDb, voiced)) this.#syllables += 1;
    if (!speech) return;
    this.#speechHops += 1;
    this.#levelDb += levelDb;
    if (!voiced) return;
    this.#voicedHops += 1;
    this.#semitones += f0Semitones;
  }

  /** What was heard since the last call, and begins anew. A syllable that is still going on counts later. */
  take(): AddedVoice {
    const added: AddedVoice = {
      speechMs: this.#speechHops * HOP_MS,
      levelDb: this.#speechHops > 0 ? this.#levelDb / this.#speechHops : null,
      pitchSemitones: this.#voicedHops > 0 ? this.#semitones / this.#voicedHops : null,
      syllables: this.#syllables,
    };
    this.#speechHops = 0;
    this.#levelDb = 0;
    this.#voicedHops = 0;
    this.#semitones = 0;
    this.#syllables = 0;
    return added;
  }
}
