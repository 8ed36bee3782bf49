/**
 * Runs in the audio thread: gathers what the microphone gives, 128 samples at a time, into pieces of about 40 ms, and hands
 * each to the page. One channel: a microphone is one voice.
 */
declare const sampleRate: number;
declare const registerProcessor: (name: string, processor: new () => AudioWorkletProcessorLike) => void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
interface AudioWorkletProcessorLike {
  process(inputs: readonly (readonly Float32Array[])[]): boolean;
}

const PIECE_MS = 40;

class Capture extends AudioWorkletProcessor implements AudioWorkletProcessorLike {
  readonly #length = Math.round((sampleRate * PIECE_MS) / 1000);
  #piece = new Float32Array(this.#length);
  #filled = 0;

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const samples = inputs[0]?.[0];
    if (samples === undefined) return true;
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + this.#length - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#length) continue;
      // Handed over, not copied: what is handed over has no length any more.
      this.port.postMessage(this.#piece, [this.#piece.buffer]);
      this.#piece = new Float32Array(this.#length);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('capture', Capture);
