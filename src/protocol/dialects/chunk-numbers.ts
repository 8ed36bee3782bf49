/** Numbers that are remembered a track: chunks come 20 ms apart or more, so 2.5 s at least. */
const REMEMBERED = 128;
/** Chunks of a track without a number that another has too, after which all are held to be counted together. */
const CONVINCING = 4;

/**
 * Whether a number that a track lacks is a lost chunk. Some platforms count the chunks of each track, some those of all tracks
 * together, and their documents do not say which: numbers that two tracks have both had tell.
 */
export class ChunkNumbers {
  readonly #seen: readonly Set<number>[];
  readonly #highest: number[];
  #together: boolean;

  constructor(tracks: number) {
    this.#seen = Array.from({ length: tracks }, () => new Set<number>());
    this.#highest = new Array<number>(tracks).fill(Number.NEGATIVE_INFINITY);
    this.#together = tracks > 1;
  }

  /** Whether the tracks are counted together. */
  get together(): boolean {
    return this.#together && this.#seen.filter(({ size }) => size >= CONVINCING).length > 1;
  }

  /** Whether that may still turn out. */
  get undecided(): boolean {
    return this.#together && !this.together;
  }

  note(track: number, chunk: number): void {
    if (!this.#together) return;
    for (let other = 0; other < this.#seen.length; other += 1) {
      if (other === track) continue;
      if (this.#seen[other]!.has(chunk) || chunk < this.#highest[other]! - REMEMBERED) this.#together = false;
    }
    const seen = this.#seen[track]!;
    seen.add(chunk);
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!);
    this.#highest[track] = Math.max(this.#highest[track]!, chunk);
  }

  /** How many of the numbers from `from` up to but without `to` no track has had that could have. */
  missing(track: number, from: number, to: number): number {
    const all = to - from;
    if (!this.together || all > REMEMBERED) return all;
    let missing = 0;
    for (let chunk = from; chunk < to; chunk += 1) {
      if (!this.#seen.some((seen, other) => other !== track && seen.has(chunk))) missing += 1;
    }
    return missing;
  }
}
