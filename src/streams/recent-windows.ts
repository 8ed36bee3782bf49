import type { Emotion } from '../emotions.ts';

/** What a turn is called by: the label of most of its windows, and their mean place. */
export interface TurnMood {
  readonly label: Emotion | 'unknown';
  readonly arousal: number;
  readonly valence: number;
}

const FIRST = 64;

/**
 * The windows that a channel's turn will be judged by: of each when it ended, its label and its place, 32 bytes. Holds the
 * newest `most` of them; grows as it must.
 */
export class RecentWindows {
  readonly #most: number;
  /** Rings of one length. */
  #ends = new Float64Array(FIRST);
  #labels: (Emotion | 'unknown')[] = new Array<Emotion | 'unknown'>(FIRST).fill('unknown');
  #arousals = new Float64Array(FIRST);
  #valences = new Float64Array(FIRST);
  #first = 0;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  push(endMs: number, label: Emotion | 'unknown', arousal: number, valence: number): void {
    if (this.#count === this.#most) this.#drop();
    else if (this.#count === this.#ends.length) this.#grow();
    const at = (this.#first + this.#count) % this.#ends.length;
    this.#ends[at] = endMs;
    this.#labels[at] = label;
    this.#arousals[at] = arousal;
    this.#valences[at] = valence;
    this.#count += 1;
  }

  /** Of the windows that ended after `startMs`; a draw is won by the label that came first. */
  mood(startMs: number): TurnMood {
    const votes = new Map<Emotion, number>();
    let arousal = 0;
    let valence = 0;
    let count = 0;
    for (let index = 0; index < this.#count; index += 1) {
      const at = (this.#first + index) % this.#ends.length;
      const label = this.#labels[at] ?? 'unknown';
      if (this.#ends[at]! <= startMs || label === 'unknown') continue;
      votes.set(label, (votes.get(label) ?? 0) + 1);
      arousal += this.#arousals[at]!;
      valence += this.#valences[at]!;
      count += 1;
    }
    let label: Emotion | 'unknown' = 'unknown';
    let most = 0;
    for (const [candidate, number] of votes) {
      if (number > most) [label, most] = [candidate, number];
    }
    return { label, arousal: count > 0 ? arousal / count : 0, valence: count > 0 ? valence / count : 0 };
  }

  clear(): void {
    this.#first = 0;
    this.#count = 0;
  }

  #drop(): void {
    this.#first = (this.#first + 1) % this.#ends.length;
    this.#count -= 1;
  }

  #grow(): void {
    const order = Array.from({ length: this.#count }, (_, index) => (this.#first + index) % this.#ends.length);
    const length = Math.min(this.#most, 2 * this.#ends.length);
    const larger = (values: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(length);
      order.forEach((at, index) => {
        grown[index] = values[at]!;
      });
      return grown;
    };
    this.#labels = order.map((at) => this.#labels[at] ?? 'unknown');
    this.#ends = larger(this.#ends);
    this.#arousals = larger(this.#arousals);
    this.#valences = larger(this.#valences);
    this.#first = 0;
  }
}
