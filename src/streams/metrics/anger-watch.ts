import type { Emotion } from '../../emotions.ts';
import type { AngerMetrics } from '../../protocol/index.ts';

/** This much time with other labels ends an episode. */
const RECOVERY_MS = 10_000;

/** Episodes of anger of one side, as `AngerMetrics` defines them. */
export class AngerWatch {
  #firstMs: number | null = null;
  #episodes = 0;
  #angryMs = 0;
  #inEpisode = false;
  #episodeStartMs = 0;
  #lastAngryMs = 0;
  #calmMs = 0;
  #recoveries = 0;
  #recoveryMs = 0;

  push(label: Emotion | 'unknown', startMs: number, endMs: number): void {
    if (label === 'anger') {
      if (!this.#inEpisode) {
        this.#inEpisode = true;
        this.#episodes += 1;
        this.#episodeStartMs = startMs;
        this.#firstMs ??= startMs;
      }
      this.#angryMs += endMs - startMs;
      this.#lastAngryMs = endMs;
      this.#calmMs = 0;
      return;
    }
    if (label === 'unknown' || !this.#inEpisode) return;
    this.#calmMs += endMs - startMs;
    if (this.#calmMs < RECOVERY_MS) return;
    this.#inEpisode = false;
    this.#recoveries += 1;
    this.#recoveryMs += this.#lastAngryMs - this.#episodeStartMs;
  }

  metrics(): AngerMetrics {
    return {
      firstMs: this.#firstMs,
      episodes: this.#episodes,
      angryMs: this.#angryMs,
      recovered: this.#episodes === 0 ? null : !this.#inEpisode,
      meanRecoveryMs: this.#recoveries === 0 ? null : this.#recoveryMs / this.#recoveries,
    };
  }
}
