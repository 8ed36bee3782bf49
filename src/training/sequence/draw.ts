import { FRONT_CONTEXT, HOPS_PER_FRAME } from '../../inference/index.ts';
import type { Random } from '../random.ts';
import type { SequenceBatch } from './batch.ts';
import type { SequenceData } from './sequence-data.ts';

/** How clips are changed before they are learned from. */
export interface DrawOptions {
  /** Windows are cut anywhere, of a length in between, hops. */
  readonly windowHops: readonly [shortest: number, longest: number];
  /** A window with a smaller share of speech is drawn again, a few times. */
  readonly minSpeechRatio: number;
  /** This share of the windows is played slower or faster. */
  readonly speedShare: number;
  /** Their length becomes this much of what it was; the pitch stays. */
  readonly speed: readonly [from: number, to: number];
  /** The spectrum moves by so many mel bands at most, up or down. */
  readonly bandShift: number;
  /** So many spans of bands, and as many of hops, are wiped out, of these lengths at most (Park et al. 2019). */
  readonly masks: number;
  readonly maskBands: number;
  readonly maskHops: number;
  /** Deviation of a change of the level, and of a tilt of the spectrum, in deviations of a band. */
  readonly gain: number;
  /** The true class gets 1 − this and all share it. */
  readonly labelSmoothing: number;
  /** α of the Beta distribution that shares of mixtures are drawn from (mixup, Zhang et al. 2018); 0 mixes nothing. */
  readonly mixup: number;
}

/** Hops before the window that its first frames look back to. */
export const CONTEXT_HOPS = 80;
const TRIES = 5;

/** Frames of a clip in a batch at most. */
export const mostFrames = ({ windowHops }: Pick<DrawOptions, 'windowHops'>): number =>
  Math.ceil((windowHops[1] + CONTEXT_HOPS) / HOPS_PER_FRAME);

/** A window of a clip: context, then what is pooled. */
interface Cut {
  readonly values: Float32Array;
  contextHops: number;
  pooledHops: number;
}

/** Draws batches of windows of clips, changed and mixed. The same clips and random numbers give the same batch. */
export class Drawing {
  readonly #data: SequenceData;
  readonly #options: DrawOptions;
  readonly #bands: number;
  readonly #classes: number;
  readonly #cuts: readonly Cut[];

  /** @param bands inputs that are bands of the spectrum; the first ones. @param clips of a batch */
  constructor(data: SequenceData, options: DrawOptions, bands: number, classes: number, clips: number) {
    this.#data = data;
    this.#options = options;
    this.#bands = bands;
    this.#classes = classes;
    const hops = FRONT_CONTEXT + mostFrames(options) * HOPS_PER_FRAME;
    this.#cuts = Array.from({ length: clips }, () => ({
      values: new Float32Array(hops * data.inputs),
      contextHops: 0,
      pooledHops: 0,
    }));
  }

  /** @param clips which to draw from @param batch written */
  draw(clips: readonly number[], batch: SequenceBatch, random: Random): void {
    const { labelSmoothing, mixup } = this.#options;
    clips.forEach((clip, place) => {
      this.#cut(this.#variant(clip, random), this.#cuts[place]!, random);
    });
    const share = mixup > 0 ? beta(mixup, random) : 1;
    const partners = mixup > 0 ? random.shuffled([...clips.keys()]) : [...clips.keys()];
    batch.targets.fill(labelSmoothing / this.#classes);
    batch.input.fill(0);
    clips.forEach((clip, place) => {
      const partner = partners[place]!;
      const [own, other] = [this.#cuts[place]!, this.#cuts[partner]!];
      const target = place * this.#classes;
      batch.targets[target + this.#data.labels[clip]!]! += share * (1 - labelSmoothing);
      batch.targets[target + this.#data.labels[clips[partner]!]!]! += (1 - share) * (1 - labelSmoothing);
      // Both end with the batch's clip: a window ends now, and what came before it is further back.
      const hops = Math.max(own.contextHops + own.pooledHops, other.contextHops + other.pooledHops);
      const pooled = Math.max(own.pooledHops, other.pooledHops);
      batch.frames[place] = hops / HOPS_PER_FRAME;
      batch.pooledFrom[place] = (hops - pooled) / HOPS_PER_FRAME;
      this.#add(own, share, hops, batch, place);
      if (share < 1) this.#add(other, 1 - share, hops, batch, place);
    });
  }

  #add(cut: Cut, share: number, hops: number, batch: SequenceBatch, clip: number): void {
    const { values, contextHops, pooledHops } = cut;
    const { inputs } = this.#data;
    const length = (FRONT_CONTEXT + contextHops + pooledHops) * inputs;
    const to = clip * batch.clipStride + (hops - contextHops - pooledHops) * inputs;
    for (let at = 0; at < length; at++) batch.input[to + at]! += share * values[at]!;
  }

  #variant(clip: number, random: Random): number {
    const { firstVariant } = this.#data;
    const count = firstVariant[clip + 1]! - firstVariant[clip]!;
    return firstVariant[clip]! + (count > 1 ? random.index(count) : 0);
  }

  #cut(variant: number, cut: Cut, random: Random): void {
    const { windowHops, speedShare, speed } = this.#options;
    const { firstHop, inputs, values } = this.#data;
    const first = firstHop[variant]!;
    const heard = firstHop[variant + 1]! - first;
    const rate = random.next() < speedShare ? random.between(speed[0], speed[1]) : 1;
    const there = Math.max(HOPS_PER_FRAME, Math.floor(heard * rate));
    const wanted = Math.min(there, windowHops[0] + random.index(windowHops[1] - windowHops[0] + 1));
    cut.pooledHops = Math.floor(wanted / HOPS_PER_FRAME) * HOPS_PER_FRAME;
    const start = this.#start(variant, there, cut.pooledHops, rate, random);
    cut.contextHops = Math.floor(Math.min(CONTEXT_HOPS, start) / HOPS_PER_FRAME) * HOPS_PER_FRAME;
    const shift = random.index(2 * this.#options.bandShift + 1) - this.#options.bandShift;
    const before = FRONT_CONTEXT + cut.contextHops;
    for (let hop = 0; hop < before + cut.pooledHops; hop++) {
      const position = start - before + hop;
      const to = hop * inputs;
      if (position < 0 || heard === 0) {
        cut.values.fill(0, to, to + inputs);
        continue;
      }
      const from = (first + Math.min(heard - 1, Math.floor(position / rate))) * inputs;
      for (let input = 0; input < inputs; input++) cut.values[to + input] = values[from + input]!;
      if (shift !== 0) {
        for (let band = 0; band < this.#bands; band++) {
          const shifted = Math.min(this.#bands - 1, Math.max(0, band - shift));
          cut.values[to + band] = values[from + shifted]!;
        }
      }
    }
    this.#distort(cut, before + cut.pooledHops, random);
  }

  /** Where a window begins, in hops of the changed speed; where it holds enough speech, if that is found. */
  #start(variant: number, there: number, hops: number, rate: number, random: Random): number {
    const { speechBefore, firstHop } = this.#data;
    const first = firstHop[variant]!;
    const last = firstHop[variant + 1]!;
    const place = (position: number): number => Math.min(last, first + Math.floor(position / rate));
    let start = 0;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      start = random.index(there - hops + 1);
      const [from, to] = [place(start), place(start + hops)];
      if (speechBefore[to]! - speechBefore[from]! >= this.#options.minSpeechRatio * (to - from)) break;
    }
    return start;
  }

  #distort({ values }: Cut, hops: number, random: Random): void {
    const { masks, maskBands, maskHops, gain } = this.#options;
    const { inputs } = this.#data;
    const bands = this.#bands;
    const [level, tilt] = [gain * random.normal(), gain * random.normal()];
    const added = Float32Array.from({ length: bands }, (_, band) => level + tilt * ((2 * band) / (bands - 1) - 1));
    for (let hop = 0; hop < hops; hop++) {
      for (let band = 0; band < bands; band++) values[hop * inputs + band]! += added[band]!;
    }
    for (let mask = 0; mask < masks; mask++) {
      const width = random.index(Math.min(maskBands, bands) + 1);
      const from = random.index(bands - width + 1);
      for (let hop = 0; hop < hops; hop++) values.fill(0, hop * inputs + from, hop * inputs + from + width);
      const length = random.index(Math.min(maskHops, hops) + 1);
      const begin = random.index(hops - length + 1);
      values.fill(0, begin * inputs, (begin + length) * inputs);
    }
  }
}

/** A share from Beta(α, α): Jöhnk 1964. */
function beta(alpha: number, random: Random): number {
  for (;;) {
    const x = random.next() ** (1 / alpha);
    const y = random.next() ** (1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}
