import { UndertoneError } from '../../errors.ts';
import { encodeSamples } from '../encode-samples.ts';
import type { AudioFormat } from '../format.ts';
import type { AudioSource } from './audio-source.ts';
import type { ByteSource } from './byte-source.ts';

/** What the decoder packages give for a piece of a file. */
export interface DecodedAudio {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly unknown[];
}

/** What the decoder packages have in common. Each file gets a new one: resetting one costs them as much. */
export interface StreamDecoder {
  decode(bytes: Uint8Array): DecodedAudio | Promise<DecodedAudio>;
  flush?(): Promise<DecodedAudio>;
  free(): void | Promise<void>;
}

/** What the headers of a compressed file tell. */
export interface Stated {
  readonly format: AudioFormat;
  /** Samples a channel, when the file tells. */
  readonly samples: number | undefined;
  /** How many may be missing before the file counts as cut. */
  readonly tolerance: number;
  /** The end is known to be missing. */
  readonly cut?: boolean;
}

interface Outcome {
  samples: number;
  errors: number;
  /** What the decoder threw. */
  failure: unknown;
}

/** A compressed file through a decoder package, decoded block by block. */
export class DecodedSource implements AudioSource {
  readonly format: AudioFormat;
  readonly durationMs: number | undefined;
  readonly #bytes: ByteSource;
  readonly #stated: Stated;
  readonly #newDecoder: () => Promise<StreamDecoder>;
  /** Changes the samples of a block in place, where a package scales them in its own way. */
  readonly #correct: (samples: Float32Array) => void;
  #warning: UndertoneError | undefined;

  constructor(
    bytes: ByteSource,
    stated: Stated,
    newDecoder: () => Promise<StreamDecoder>,
    correct: (samples: Float32Array) => void = () => {},
  ) {
    this.format = stated.format;
    this.durationMs = stated.samples === undefined ? undefined : (1000 * stated.samples) / stated.format.sampleRateHz;
    this.#bytes = bytes;
    this.#stated = stated;
    this.#newDecoder = newDecoder;
    this.#correct = correct;
  }

  get warning(): UndertoneError | undefined {
    return this.#warning;
  }

  async *blocks(): AsyncGenerator<Uint8Array, void, undefined> {
    const decoder = await this.#newDecoder();
    const outcome: Outcome = { samples: 0, errors: 0, failure: undefined };
    try {
      for await (const decoded of this.#pieces(decoder, outcome)) {
        outcome.errors += decoded.errors.length;
        outcome.samples += decoded.samplesDecoded;
        if (decoded.samplesDecoded > 0) yield this.#encode(decoded);
      }
    } finally {
      await free(decoder);
    }
    this.#judge(outcome);
  }

  async close(): Promise<void> {}

  async *#pieces(decoder: StreamDecoder, outcome: Outcome): AsyncGenerator<DecodedAudio, void, undefined> {
    try {
      for await (const block of this.#bytes.blocks()) yield await quietly(() => decoder.decode(block));
      if (decoder.flush) yield await quietly(() => decoder.flush!());
    } catch (thrown) {
      if (thrown instanceof UndertoneError) throw thrown; // the disk's
      outcome.failure = thrown; // a package throws anything at a page or frame that makes no sense
    }
  }

  #encode(decoded: DecodedAudio): Uint8Array {
    const { channels, sampleRateHz } = this.format;
    if (decoded.sampleRate !== sampleRateHz || decoded.channelData.length < channels) {
      throw this.#damaged('its sample rate or its channels change midway', undefined);
    }
    // MPEG decoders give two equal channels for mono.
    const used = decoded.channelData.slice(0, channels);
    for (const data of used) this.#correct(data);
    return encodeSamples(this.format, used);
  }

  /** An error when there was nothing to decode, otherwise a warning when there was less than there should be. */
  #judge({ samples, errors, failure }: Outcome): void {
    const stated = this.#stated;
    if (samples === 0) throw this.#nothing(failure);
    if (stated.samples !== undefined && samples < stated.samples - stated.tolerance) {
      this.#warning = this.#truncated('its header promises more audio than it holds; what is there was read');
    } else if (stated.cut) {
      this.#warning = this.#truncated('its last page is missing; what is there was read');
    } else if (failure !== undefined) {
      this.#warning = this.#damaged('the decoder gave up before its end; what came before was read', failure);
    } else if (errors > 0) {
      this.#warning = this.#damaged('some of its frames could not be decoded and were left out', undefined);
    }
  }

  #nothing(failure: unknown): UndertoneError {
    if (failure === undefined || this.#stated.cut) return this.#truncated('it has a header but no audio');
    return this.#damaged('the decoder gave up on it', failure);
  }

  #damaged(detail: string, cause: unknown): UndertoneError {
    const error = new UndertoneError('file-damaged', { path: this.#bytes.path, detail });
    error.cause = cause;
    return error;
  }

  #truncated(detail: string): UndertoneError {
    return new UndertoneError('file-truncated', { path: this.#bytes.path, detail });
  }
}

async function free(decoder: StreamDecoder): Promise<void> {
  try {
    await decoder.free();
  } catch {
    // A decoder that a damaged file has broken cannot free itself either; its memory goes with the object.
  }
}

/**
 * The packages print every bad frame to the console, beside reporting it; a recording with a scratch would fill the
 * terminal. They decode synchronously, so nobody else's message is lost meanwhile.
 */
function quietly<T>(decode: () => T): T {
  const { console } = globalThis;
  const print = console.error;
  console.error = () => {};
  try {
    return decode();
  } finally {
    console.error = print;
  }
}
