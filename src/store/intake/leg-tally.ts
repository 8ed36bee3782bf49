import type { Emotion } from '../../emotions.ts';
import type { ChannelSummary, LegSummary, Probabilities, WindowEvent } from '../../protocol/index.ts';

/** What is kept of a leg for lists and filters; times of its stream. */
export interface LegFigures
  extends Pick<LegSummary, 'speechMs' | 'turns' | 'shares' | 'coverage' | 'arousal' | 'valence' | 'lowest'> {
  /** Time with each label: what each window added to the one before. */
  readonly labelledMs: Probabilities;
}

/** `lowest` is over so long, of which half has a label. */
const STRETCH_MS = 10_000;

/** Valence has four decimals on the wire; whole numbers add up without errors. */
const VALENCE_UNITS = 10_000;

interface Piece {
  readonly startMs: number;
  readonly endMs: number;
  /** In 1/10,000; `undefined` where the window has no label. */
  readonly valence: number | undefined;
}

/** Figures of one leg from its events. Its memory does not grow with the call. */
export class LegTally {
  #windows = 0;
  readonly #labels = new Map<Emotion, { windows: number; ms: number }>();
  #labelled = 0;
  #arousal = 0;
  #valence = 0;
  #speechMs = 0;
  #turns = 0;
  #endMs = 0;
  #lowest: LegFigures['lowest'] = null;
  /** Of the last 10 s, with the sums over them. */
  readonly #pieces: Piece[] = [];
  #recentMs = 0;
  #recentValence = 0;
  #summary: ChannelSummary | undefined;

  window({ startMs, endMs, label, arousal, valence, added }: WindowEvent): void {
    const fromMs = Math.min(endMs, Math.max(this.#endMs, startMs));
    this.#endMs = Math.max(this.#endMs, endMs);
    this.#windows += 1;
    this.#speechMs += added.speechMs;
    if (label !== 'unknown') {
      const of = this.#labels.get(label) ?? { windows: 0, ms: 0 };
      this.#labels.set(label, { windows: of.windows + 1, ms: of.ms + endMs - fromMs });
      this.#labelled += 1;
      this.#arousal += arousal;
      this.#valence += valence;
    }
    this.#slide({
      startMs: fromMs,
      endMs,
      valence: label === 'unknown' ? undefined : Math.round(valence * VALENCE_UNITS),
    });
  }

  turn(): void {
    this.#turns += 1;
  }

  /** The stream's own account at its end; it counts what may be missing here. */
  ended(summary: ChannelSummary): void {
    this.#summary = summary;
  }

  figures(): LegFigures {
    const own = {
      speechMs: this.#speechMs,
      turns: this.#turns,
      shares: this.#perLabel(({ windows }) => windows / this.#labelled),
      coverage: this.#windows > 0 ? this.#labelled / this.#windows : 0,
      arousal: this.#arousal / this.#labelled,
      valence: this.#valence / this.#labelled,
    };
    const { speechMs, turns, shares, coverage, arousal, valence } = this.#summary ?? own;
    const labelled = coverage > 0;
    return {
      speechMs,
      turns,
      shares,
      coverage,
      arousal: labelled ? arousal : null,
      valence: labelled ? valence : null,
      lowest: this.#lowest,
      labelledMs: this.#perLabel(({ ms }) => ms),
    };
  }

  #perLabel(value: (of: { windows: number; ms: number }) => number): Probabilities {
    return Object.fromEntries([...this.#labels].sort().map(([label, of]) => [label, value(of)]));
  }

  #slide(piece: Piece): void {
    this.#pieces.push(piece);
    this.#weigh(piece, 1);
    const fromMs = piece.endMs - STRETCH_MS;
    // A piece that is cut by the beginning of the stretch counts whole, until it is out of it.
    for (let first = this.#pieces[0]; first !== undefined && first.endMs <= fromMs; first = this.#pieces[0]) {
      this.#pieces.shift();
      this.#weigh(first, -1);
    }
    if (fromMs < 0 || this.#recentMs < STRETCH_MS / 2) return;
    const valence = this.#recentValence / this.#recentMs / VALENCE_UNITS;
    if (this.#lowest === null || valence < this.#lowest.valence) this.#lowest = { valence, startMs: fromMs };
  }

  #weigh({ startMs, endMs, valence }: Piece, sign: 1 | -1): void {
    if (valence === undefined) return;
    this.#recentMs += sign * (endMs - startMs);
    this.#recentValence += sign * (endMs - startMs) * valence;
  }
}
