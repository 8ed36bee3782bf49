import type { DialectAction, DialectStart } from '../dialect.ts';
import { wireFrameBytes } from '../limits.ts';
import { type AlignedItem, TrackAligner } from './track-aligner.ts';
import type { TrackChunk } from './track-sequence.ts';

/** Audio of one track after which no other track is waited for, where the platform does not say which will come. */
const SETTLE_MS = 300;
/** Messages after which the same holds, whatever they carry. */
const SETTLE_MESSAGES = 64;

export interface LegOptions {
  readonly name: string;
  readonly start: Omit<DialectStart, 'channels'>;
  /** The tracks that will come; left out, those that come first are the channels. */
  readonly tracks?: readonly string[];
  readonly order: readonly string[];
  readonly describe: (track: string) => DialectStart['channels'][number];
  /** Ms of the platform's clock that are position 0; default: those of its first audio. */
  readonly originMs?: number;
}

type Waiting = { readonly track: string; readonly chunk: TrackChunk } | { readonly mark: string };

/** One stream of a socket: its tracks become the channels of one interleaved stream. */
export class MediaLeg {
  readonly #options: LegOptions;
  #aligner: TrackAligner | undefined;
  #tracks: readonly string[];
  readonly #waiting: Waiting[] = [];
  #waitingMs = new Map<string, number>();

  constructor(options: LegOptions) {
    this.#options = options;
    this.#tracks = options.tracks ?? [];
  }

  /** Opens the stream if its tracks are known. */
  begin(): DialectAction[] {
    return this.#options.tracks === undefined ? [] : this.#open(this.#options.tracks);
  }

  /** Whether audio of a track belongs to this leg, or needs one of its own. */
  takes(track: string): boolean {
    return this.#aligner === undefined || this.#tracks.includes(track);
  }

  media(track: string, chunk: TrackChunk): DialectAction[] {
    if (this.#aligner !== undefined) return this.#actions(this.#aligner.push(this.#tracks.indexOf(track), chunk));
    this.#waiting.push({ track, chunk });
    const { format } = this.#options.start;
    const ms = (chunk.bytes.length / wireFrameBytes(format) / format.sampleRateHz) * 1000;
    const waitedMs = (this.#waitingMs.get(track) ?? 0) + ms;
    this.#waitingMs.set(track, waitedMs);
    const all = this.#waitingMs.size >= Math.max(2, this.#options.order.length);
    return all || waitedMs >= SETTLE_MS || this.#waiting.length >= SETTLE_MESSAGES ? this.#settle() : [];
  }

  mark(name: string): DialectAction[] {
    if (this.#aligner !== undefined) return this.#actions(this.#aligner.mark(name));
    this.#waiting.push({ mark: name });
    return this.#waiting.length >= SETTLE_MESSAGES && this.#waitingMs.size > 0 ? this.#settle() : this.#bounded();
  }

  /** What is held back, then the close. A stream that never had audio was never opened. */
  end(reason: 'stop' | 'disconnect'): DialectAction[] {
    const actions = this.#aligner === undefined && this.#waitingMs.size > 0 ? this.#settle() : [];
    if (this.#aligner === undefined) return [];
    actions.push(...this.#actions(this.#aligner.flush()), { kind: 'close', leg: this.#options.name, reason });
    return actions;
  }

  /** Marks before any audio: the first ones are kept. */
  #bounded(): DialectAction[] {
    if (this.#waiting.length > SETTLE_MESSAGES) this.#waiting.pop();
    return [];
  }

  #settle(): DialectAction[] {
    const { order } = this.#options;
    const rank = (track: string): number => (order.includes(track) ? order.indexOf(track) : order.length);
    const actions = this.#open([...this.#waitingMs.keys()].sort((a, b) => rank(a) - rank(b)));
    this.#waitingMs = new Map();
    for (const item of this.#waiting.splice(0)) {
      actions.push(...('mark' in item ? this.mark(item.mark) : this.media(item.track, item.chunk)));
    }
    return actions;
  }

  #open(tracks: readonly string[]): DialectAction[] {
    const { name, start, describe, originMs } = this.#options;
    const format = { ...start.format, channels: tracks.length };
    this.#tracks = tracks;
    this.#aligner = new TrackAligner({ format, ...(originMs !== undefined && { originMs }) });
    return [{ kind: 'open', leg: name, start: { ...start, format, channels: tracks.map(describe) } }];
  }

  #actions(items: readonly AlignedItem[]): DialectAction[] {
    return items.map((item) => ({ ...item, leg: this.#options.name }));
  }
}
