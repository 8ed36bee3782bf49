import type { Bytes } from './transport.ts';

export type Outgoing =
  | { readonly kind: 'audio'; readonly bytes: Bytes }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'stop' };

type Item =
  | { readonly kind: 'audio'; readonly bytes: Bytes; readonly start: number }
  | { readonly kind: 'mark'; readonly name: string; readonly index: number }
  | { readonly kind: 'stop' };

/**
 * What a stream sends, in order, kept until the server has it: after a lost connection it goes on where the server stands.
 * Positions are bytes of audio from the start of the stream.
 */
export class SendQueue {
  readonly #frameBytes: number;
  readonly #maxMessageBytes: number;
  #items: Item[] = [];
  /** Index of the first item that has not been sent over the present connection. */
  #unsent = 0;
  #pushedBytes = 0;
  #sentBytes = 0;
  #ackedBytes = 0;
  #marks = 0;

  constructor(frameBytes: number, maxMessageBytes: number) {
    this.#frameBytes = frameBytes;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Audio that the server has not acknowledged, sent or not. */
  get unackedBytes(): number {
    return this.#pushedBytes - this.#ackedBytes;
  }

  /** Audio that was sent and has not been acknowledged. */
  get inFlightBytes(): number {
    return this.#sentBytes - this.#ackedBytes;
  }

  /** @param bytes not copied; cut into messages that a server takes. */
  audio(bytes: Bytes): void {
    for (let at = 0; at < bytes.length; at += this.#maxMessageBytes) {
      const part = bytes.subarray(at, at + this.#maxMessageBytes);
      this.#items.push({ kind: 'audio', bytes: part, start: this.#pushedBytes });
      this.#pushedBytes += part.length;
    }
  }

  mark(name: string): void {
    this.#items.push({ kind: 'mark', name, index: this.#marks });
    this.#marks += 1;
  }

  stop(): void {
    this.#items.push({ kind: 'stop' });
  }

  /** What is next to be sent; `undefined` where nothing is, or what is in flight fills the window. */
  next(windowBytes: number): Outgoing | undefined {
    const item = this.#items[this.#unsent];
    if (item === undefined || (item.kind === 'audio' && this.inFlightBytes >= windowBytes)) return undefined;
    this.#unsent += 1;
    if (item.kind === 'audio') this.#sentBytes = item.start + item.bytes.length;
    return item;
  }

  /** The server has analysed so many samples of a channel: what was sent before them is forgotten. */
  acknowledge(samples: number): void {
    const position = samples * this.#frameBytes;
    if (position <= this.#ackedBytes) return;
    this.#ackedBytes = Math.min(position, this.#pushedBytes);
    let known = 0;
    for (const [index, item] of this.#items.entries()) {
      if (index >= this.#unsent) break;
      if (item.kind !== 'audio') continue;
      if (item.start + item.bytes.length > position) break;
      known = index + 1;
    }
    this.#items.splice(0, known);
    this.#unsent -= known;
  }

  /**
   * A new connection: the server stands at so many samples and marks, and what comes after them is sent (again).
   *
   * @returns false where the server has less than it once acknowledged: the audio between is gone.
   */
  rewind(samples: number, marks: number): boolean {
    const position = samples * this.#frameBytes;
    const first = this.#items.find((item) => item.kind === 'audio');
    if (position < (first?.kind === 'audio' ? first.start : this.#pushedBytes)) return false;
    this.#items = this.#items.flatMap((item): Item[] => {
      if (item.kind === 'stop') return [item];
      if (item.kind === 'mark') return item.index < marks ? [] : [item];
      const bytes = item.bytes.subarray(Math.max(0, position - item.start));
      return bytes.length === 0 ? [] : [{ kind: 'audio', bytes, start: item.start + item.bytes.length - bytes.length }];
    });
    this.#unsent = 0;
    this.#sentBytes = position;
    this.#ackedBytes = position;
    return true;
  }
}
