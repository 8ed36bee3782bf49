import { CHROMA_COUNT, CONTRAST_BANDS, descriptorIndex, MEL_BANDS } from './descriptors.ts';

const at = {
  logMel: descriptorIndex('logMel0'),
  chroma: descriptorIndex('chroma0'),
  contrast: descriptorIndex('contrast0'),
  zcr: descriptorIndex('zcr'),
  levelDb: descriptorIndex('levelDb'),
  centroidHz: descriptorIndex('centroidHz'),
  flatness: descriptorIndex('flatness'),
  flux: descriptorIndex('flux'),
  slope: descriptorIndex('slope'),
  f0Semitones: descriptorIndex('f0Semitones'),
  hnrDb: descriptorIndex('hnrDb'),
  voicing: descriptorIndex('voicing'),
} as const;

/** Bands of 4 mel bands each, for the shape of the spectrum; two of them make a broad band. */
const SHAPES = 16;
const MEL_PER_SHAPE = MEL_BANDS / SHAPES;
const BANDS = SHAPES / 2;
/**
 * Bands and levels further than this below the latest seconds' peak count as that far below: what a line makes of
 * silence says nothing, and depends on the gain. ln of power, 52 dB.
 */
const DYNAMICS = 12;
const DYNAMICS_DB = (10 * DYNAMICS) / Math.LN10;
/** What is also looked at over a few seconds: notes and bars are longer than syllables. */
const SLOW = 6;

/** Numbers that the detector sees of a hop. */
export const SPEECH_INPUTS: number = SHAPES + BANDS + CONTRAST_BANDS + 2 * BANDS + 3 + 12 + 10 + SLOW;

/** Share of a new value in a running mean with this time constant. */
const rate = (ms: number): number => 1 - Math.exp(-10 / ms);
const QUICK = rate(30);
const SHORT = rate(300);
const LONG = rate(1000);
const SLOWEST = rate(2500);
const BACKGROUND = rate(3000);
/** A pitch that moves less than this from hop to hop is held, as a note is; semitones. */
const HELD_SEMITONES = 0.06;
/** A hop this far below the mean level is low: speech has more of them than music (Scheirer and Slaney). */
const LOW_DB = 5;

/**
 * What tells speech from noise and music, from the rows of one channel: the shape of the spectrum, and over the last
 * 0.3 to 3 s how much the level and the bands rise and fall (syllables do so about four times a second; Houtgast and
 * Steeneken 1985), how far they stand above their background, and how the pitch moves (a voice glides, a note stays).
 * Blind to the gain. Causal; about 1 µs a hop; scaled to about −1 to 1.
 *
 * Features of this kind: Scheirer and Slaney, _Construction and evaluation of a robust multifeature speech/music
 * discriminator_, ICASSP 1997.
 */
export class SpeechInputs {
  #hops = 0;
  #floor = 0;
  #peak = 0;
  #level = 0;
  #latest = 0;
  #levelSpread = 0;
  #levelShortSpread = 0;
  readonly #bandFloor = new Float64Array(BANDS);
  readonly #bandQuick = new Float64Array(BANDS);
  readonly #bandShort = new Float64Array(BANDS);
  readonly #modulation = new Float64Array(BANDS);
  readonly #shape = new Float64Array(SHAPES);
  readonly #slowShape = new Float64Array(BANDS);
  #strongest = 0;
  #lastF0 = 0;
  #voicedRun = 0;
  readonly #pitch = { share: 0, longShare: 0, movement: 0, held: 0, centre: 0, spread: 0, turns: 0, hnr: 0 };
  readonly #texture = {
    zcr: 0,
    zcrSpread: 0,
    flatness: 0,
    flux: 0,
    longFlux: 0,
    fluxSpread: 0,
    low: 0,
    centroid: 0,
    centroidSpread: 0,
  };
  #chroma = 0;
  readonly #slow = new Float64Array(SLOW);
  readonly #now = new Float64Array(SLOW);

  /** @param row one row of descriptors. @param out `SPEECH_INPUTS` values, written from `to` on. */
  update(row: Float32Array, out: Float32Array, to = 0): void {
    this.#hops++;
    let next = this.#writeLevel(row, out, to);
    next = this.#writeShape(row, out, next);
    next = this.#writeBands(out, next);
    next = this.#writePitch(row, out, next);
    next = this.#writeTexture(row, out, next);
    this.#writeSlow(out, next);
  }

  /** Running means start as plain means, so that the first hops are not taken for a fall from zero. */
  #share(of: number): number {
    return Math.max(of, 1 / this.#hops);
  }

  #writeLevel(row: Float32Array, out: Float32Array, to: number): number {
    const measured = row[at.levelDb]!;
    if (this.#hops === 1) this.#floor = this.#peak = this.#level = measured;
    this.#peak += (measured > this.#peak ? QUICK : BACKGROUND) * (measured - this.#peak);
    const level = Math.max(measured, this.#peak - DYNAMICS_DB);
    this.#floor += (level < this.#floor ? QUICK : BACKGROUND) * (level - this.#floor);
    this.#latest = level;
    const offset = level - this.#level;
    this.#level += this.#share(LONG) * offset;
    this.#levelSpread += this.#share(LONG) * (Math.abs(offset) - this.#levelSpread);
    this.#levelShortSpread += this.#share(SHORT) * (Math.abs(offset) - this.#levelShortSpread);
    out[to] = (level - this.#floor) / 20;
    out[to + 1] = (this.#peak - level) / 20;
    out[to + 2] = this.#levelSpread / 10 - 0.5;
    return to + 3;
  }

  #writeBands(out: Float32Array, to: number): number {
    const short = this.#share(SHORT);
    const long = this.#share(LONG);
    const shape = this.#shape;
    for (let band = 0; band < BANDS; band++) {
      const value = (shape[2 * band]! + shape[2 * band + 1]!) / 2;
      if (this.#hops === 1) this.#bandFloor[band] = this.#bandQuick[band] = value;
      const above = value - this.#bandFloor[band]!;
      this.#bandFloor[band]! += (above < 0 ? QUICK : BACKGROUND) * above;
      this.#bandQuick[band]! += QUICK * (value - this.#bandQuick[band]!);
      this.#bandShort[band]! += short * (value - this.#bandShort[band]!);
      const swing = this.#bandQuick[band]! - this.#bandShort[band]!;
      this.#modulation[band]! += long * (swing * swing - this.#modulation[band]!);
      out[to + band] = above / 4;
      out[to + BANDS + band] = Math.sqrt(this.#modulation[band]!) - 0.7;
    }
    return to + 2 * BANDS;
  }

  #writeShape(row: Float32Array, out: Float32Array, to: number): number {
    const shape = this.#shape;
    let highest = Number.NEGATIVE_INFINITY;
    for (let band = 0; band < SHAPES; band++) {
      let sum = 0;
      const first = at.logMel + band * MEL_PER_SHAPE;
      for (let mel = first; mel < first + MEL_PER_SHAPE; mel++) sum += row[mel]!;
      shape[band] = sum / MEL_PER_SHAPE;
      highest = Math.max(highest, shape[band]!);
    }
    if (this.#hops === 1 || highest > this.#strongest) this.#strongest = highest;
    else this.#strongest += BACKGROUND * (highest - this.#strongest);
    const least = this.#strongest - DYNAMICS;
    let mean = 0;
    for (let band = 0; band < SHAPES; band++) {
      shape[band] = Math.max(shape[band]!, least);
      mean += shape[band]! / SHAPES;
    }
    const long = this.#share(LONG);
    for (let band = 0; band < SHAPES; band++) out[to + band] = (shape[band]! - mean) / 3;
    const slow = to + SHAPES;
    for (let band = 0; band < BANDS; band++) {
      const value = (out[to + 2 * band]! + out[to + 2 * band + 1]!) / 2;
      this.#slowShape[band]! += long * (value - this.#slowShape[band]!);
      out[slow + band] = this.#slowShape[band]!;
    }
    const contrast = slow + BANDS;
    for (let band = 0; band < CONTRAST_BANDS; band++) out[contrast + band] = row[at.contrast + band]! / 20 - 1;
    return contrast + CONTRAST_BANDS;
  }

  #writePitch(row: Float32Array, out: Float32Array, to: number): number {
    const f0 = row[at.f0Semitones]!;
    const voiced = !Number.isNaN(f0);
    const pitch = this.#pitch;
    const wasVoiced = this.#voicedRun > 0;
    pitch.share += this.#share(SHORT) * ((voiced ? 1 : 0) - pitch.share);
    pitch.longShare += this.#share(LONG) * ((voiced ? 1 : 0) - pitch.longShare);
    pitch.turns += this.#share(LONG) * ((voiced === wasVoiced ? 0 : 1) - pitch.turns);
    if (voiced) this.#writeVoice(f0, row[at.hnrDb]!, wasVoiced);
    this.#voicedRun = voiced ? Math.min(this.#voicedRun + 1, 100) : 0;
    this.#lastF0 = f0;
    out[to] = row[at.voicing]! - 0.5;
    out[to + 1] = voiced ? (f0 - 30) / 12 : 0;
    out[to + 2] = voiced ? row[at.hnrDb]! / 20 : 0;
    out[to + 3] = pitch.share - 0.5;
    out[to + 4] = pitch.longShare - 0.5;
    out[to + 5] = 2 * pitch.movement;
    out[to + 6] = 2 * pitch.held - 0.5;
    out[to + 7] = pitch.spread / 2;
    out[to + 8] = 10 * pitch.turns;
    out[to + 9] = pitch.hnr / 20;
    out[to + 10] = this.#voicedRun / 50;
    out[to + 11] = this.#levelShortSpread / 10 - 0.5;
    return to + 12;
  }

  #writeVoice(f0: number, hnrDb: number, wasVoiced: boolean): void {
    const pitch = this.#pitch;
    const offset = wasVoiced ? f0 - pitch.centre : 0;
    pitch.centre = wasVoiced ? pitch.centre + SHORT * offset : f0;
    pitch.spread += SHORT * (Math.min(Math.abs(offset), 6) - pitch.spread);
    pitch.hnr += SHORT * (hnrDb - pitch.hnr);
    if (!wasVoiced) return;
    const step = Math.abs(f0 - this.#lastF0);
    pitch.movement += SHORT * (Math.min(step, 2) - pitch.movement);
    pitch.held += SHORT * ((step < HELD_SEMITONES ? 1 : 0) - pitch.held);
  }

  #writeTexture(row: Float32Array, out: Float32Array, to: number): number {
    const texture = this.#texture;
    const short = this.#share(SHORT);
    const long = this.#share(LONG);
    const zcr = row[at.zcr]!;
    const centroid = row[at.centroidHz]! / 2000;
    const flux = row[at.flux]!;
    texture.zcr += long * (zcr - texture.zcr);
    texture.zcrSpread += long * (Math.abs(zcr - texture.zcr) - texture.zcrSpread);
    texture.flatness += long * (row[at.flatness]! - texture.flatness);
    texture.flux += short * (flux - texture.flux);
    texture.longFlux += long * (flux - texture.longFlux);
    texture.fluxSpread += long * (Math.abs(flux - texture.longFlux) - texture.fluxSpread);
    texture.low += long * ((this.#latest < this.#level - LOW_DB ? 1 : 0) - texture.low);
    texture.centroid += long * (centroid - texture.centroid);
    texture.centroidSpread += long * (Math.abs(centroid - texture.centroid) - texture.centroidSpread);
    let chroma = 0;
    for (let tone = 0; tone < CHROMA_COUNT; tone++) chroma += row[at.chroma + tone]!;
    this.#chroma += long * (chroma / CHROMA_COUNT - this.#chroma);
    out[to] = 4 * zcr - 0.5;
    out[to + 1] = 8 * texture.zcrSpread;
    out[to + 2] = 2 * row[at.flatness]! - 0.5;
    out[to + 3] = 2 * texture.flatness - 0.5;
    out[to + 4] = texture.flux - 0.5;
    out[to + 5] = texture.longFlux - 0.5;
    out[to + 6] = 2 * texture.centroidSpread;
    out[to + 7] = 2 * this.#chroma - 1;
    out[to + 8] = 4 * texture.fluxSpread - 0.5;
    out[to + 9] = 3 * texture.low - 0.5;
    return to + 10;
  }

  #writeSlow(out: Float32Array, to: number): void {
    const slowest = this.#share(SLOWEST);
    let swing = 0;
    for (let band = 0; band < BANDS; band++) swing += Math.sqrt(this.#modulation[band]!) / BANDS;
    const now = this.#now;
    now[0] = 2 * this.#pitch.held - 0.5;
    now[1] = this.#pitch.longShare - 0.5;
    now[2] = 2 * this.#pitch.movement;
    now[3] = this.#levelSpread / 10 - 0.5;
    now[4] = this.#texture.longFlux - 0.5;
    now[5] = swing - 0.7;
    for (let i = 0; i < SLOW; i++) {
      this.#slow[i]! += slowest * (now[i]! - this.#slow[i]!);
      out[to + i] = this.#slow[i]!;
    }
  }
}
