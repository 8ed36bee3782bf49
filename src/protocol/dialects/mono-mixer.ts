/** Interleaved 16-bit little-endian samples → their mean over the channels, from pieces that may be cut anywhere. */
export class MonoMixer {
  readonly #channels: number;
  readonly #frameBytes: number;
  /** Bytes of a frame that is not whole yet. */
  #rest = new Uint8Array(0);

  constructor(channels: number) {
    this.#channels = channels;
    this.#frameBytes = 2 * channels;
  }

  /** As many samples as frames are whole by now; the mean is cut towards zero, so equal channels are unchanged. */
  push(bytes: Uint8Array): Uint8Array {
    const input = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    const frames = Math.floor(input.length / this.#frameBytes);
    const output = new Uint8Array(2 * frames);
    const from = new DataView(input.buffer, input.byteOffset, input.byteLength);
    const to = new DataView(output.buffer);
    for (let frame = 0; frame < frames; frame += 1) {
      let sum = 0;
      for (let channel = 0; channel < this.#channels; channel += 1) {
        sum += from.getInt16(frame * this.#frameBytes + 2 * channel, true);
      }
      to.setInt16(2 * frame, Math.trunc(sum / this.#channels), true);
    }
    this.#rest = input.slice(frames * this.#frameBytes);
    return output;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
