import { UndertoneError } from '../../errors.ts';

const HEADER_BYTES = 3;

/** A message, or a piece of one where its kind need not be whole. */
export interface TlvPart {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

export interface TlvOptions {
  /** Whether messages of a kind are given in one piece; others pass as they come, without being kept. */
  readonly whole: (kind: number) => boolean;
  /** The most bytes of a message that is given in one piece. */
  readonly limitBytes: number;
}

/**
 * Messages of a kind (1 byte), a length (2 bytes, big-endian) and as many bytes, from a stream that may be cut anywhere. It keeps
 * at most one header and one limited message.
 */
export class TlvReader {
  readonly #options: TlvOptions;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  /** What of the present message has not come yet. */
  #left = 0;
  #kept: Uint8Array = new Uint8Array(0);
  #keptBytes = 0;

  constructor(options: TlvOptions) {
    this.#options = options;
  }

  /** @throws UndertoneError `message-too-large` for a message that must be whole and is over the limit */
  *push(bytes: Uint8Array): Generator<TlvPart> {
    let at = 0;
    while (at < bytes.length || this.#isEmptyMessage()) {
      if (this.#headerBytes < HEADER_BYTES) {
        at += this.#takeHeader(bytes.subarray(at));
        continue;
      }
      const taken = bytes.subarray(at, at + this.#left);
      at += taken.length;
      this.#left -= taken.length;
      const part = this.#part(taken);
      if (this.#left === 0) this.#headerBytes = 0;
      if (part !== undefined) yield part;
    }
  }

  #isEmptyMessage(): boolean {
    return this.#headerBytes === HEADER_BYTES && this.#left === 0;
  }

  #takeHeader(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, HEADER_BYTES - this.#headerBytes);
    this.#header.set(taken, this.#headerBytes);
    this.#headerBytes += taken.length;
    if (this.#headerBytes < HEADER_BYTES) return taken.length;
    this.#left = (this.#header[1]! << 8) | this.#header[2]!;
    this.#keptBytes = 0;
    if (this.#options.whole(this.#header[0]!)) {
      const { limitBytes } = this.#options;
      if (this.#left > limitBytes) throw new UndertoneError('message-too-large', { limit: limitBytes });
      this.#kept = new Uint8Array(this.#left);
    }
    return taken.length;
  }

  #part(taken: Uint8Array): TlvPart | undefined {
    const kind = this.#header[0]!;
    if (!this.#options.whole(kind)) return taken.length > 0 ? { kind, bytes: taken } : undefined;
    this.#kept.set(taken, this.#keptBytes);
    this.#keptBytes += taken.length;
    return this.#left === 0 ? { kind, bytes: this.#kept } : undefined;
  }
}
