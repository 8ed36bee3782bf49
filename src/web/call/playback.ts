import { batch, signal } from '@preact/signals';
import { api, type Waveform } from '../api.ts';
import { ApiError } from '../api-error.ts';
import { apiKey } from '../session.ts';

/** Stretches that the waveform is cut into. */
const PEAKS = 2_000;
export const RATES = [0.75, 1, 1.25, 1.5, 2] as const;

/** A stream of the call, as its recording is asked for alone. */
interface HeardStream {
  readonly streamId: string;
  readonly offsetMs: number;
}

/**
 * The recording of a call, in step with its timeline: one audio element with a channel for each side of each stream, in the
 * call's time. Behind a key it is fetched whole, because the key goes in a header, which an audio element cannot send.
 */
export class Playback {
  readonly state = signal<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  readonly problem = signal<unknown>(undefined);
  readonly playing = signal(false);
  readonly positionMs = signal(0);
  readonly rate = signal<number>(1);
  readonly waveform = signal<Waveform | undefined>(undefined);
  /** The one stream that is heard, where several cannot be heard together. */
  readonly only = signal<string | undefined>(undefined);
  readonly #audio = new Audio();
  readonly #closing = new AbortController();
  readonly #callId: string;
  readonly #streams: readonly HeardStream[];
  /** Of what is heard, in the call's time. */
  #offsetMs = 0;
  #url: string | undefined;
  #frame = 0;

  constructor(callId: string, streams: readonly HeardStream[]) {
    this.#callId = callId;
    this.#streams = streams;
    this.#audio.addEventListener('play', () => this.#run());
    for (const type of ['pause', 'ended'] as const) this.#audio.addEventListener(type, () => this.#rest());
    this.#audio.addEventListener('seeked', () => this.#tell());
    api.waveform(callId, PEAKS, { signal: this.#closing.signal }).then(
      (waveform) => {
        this.waveform.value = waveform;
      },
      () => {
        // It is only drawn; what cannot be played says so when it is.
      },
    );
  }

  async toggle(): Promise<void> {
    if (this.playing.peek()) this.#audio.pause();
    else await this.#play();
  }

  /** Goes to a moment of the call; nothing is fetched for that before it is to be played. */
  seek(ms: number): void {
    this.positionMs.value = ms;
    if (this.state.peek() === 'ready') this.#audio.currentTime = this.#secondsOf(ms);
  }

  setRate(rate: number): void {
    this.rate.value = rate;
    this.#audio.playbackRate = rate;
  }

  close(): void {
    this.#closing.abort();
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    cancelAnimationFrame(this.#frame);
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  async #play(): Promise<void> {
    if (this.state.peek() === 'loading') return;
    this.problem.value = undefined;
    try {
      if (this.state.peek() !== 'ready') await this.#load();
      await this.#audio.play();
    } catch (thrown) {
      if (this.#closing.signal.aborted) return;
      batch(() => {
        this.state.value = 'failed';
        this.problem.value = thrown;
      });
    }
  }

  async #load(): Promise<void> {
    this.state.value = 'loading';
    try {
      await this.#open(undefined);
    } catch (thrown) {
      // Streams of different sample rates are not one file: then the first that was recorded is heard.
      const first = this.#streams.find(({ streamId }) => this.#isRecorded(streamId));
      if (!(thrown instanceof ApiError && thrown.code === 'recording-rates') || first === undefined) throw thrown;
      await this.#open(first);
    }
    this.#audio.currentTime = this.#secondsOf(this.positionMs.peek());
    this.#audio.playbackRate = this.rate.peek();
    this.state.value = 'ready';
  }

  #isRecorded(streamId: string): boolean {
    return this.waveform.peek()?.legs.some((leg) => leg.streamId === streamId) ?? true;
  }

  async #open(stream: HeardStream | undefined): Promise<void> {
    const { signal } = this.#closing;
    let source = api.audioAddress(this.#callId, stream?.streamId);
    if (apiKey.peek() !== null) {
      const blob = await api.audio(this.#callId, stream?.streamId, { signal });
      if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
      this.#url = URL.createObjectURL(blob);
      source = this.#url;
    }
    try {
      await this.#ready(source);
    } catch (thrown) {
      // The element does not tell why; the server does.
      if (apiKey.peek() === null) await api.probeAudio(this.#callId, stream?.streamId, { signal });
      throw thrown;
    }
    this.#offsetMs = stream?.offsetMs ?? 0;
    this.only.value = stream?.streamId;
  }

  #ready(source: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#audio.onloadedmetadata = () => resolve();
      this.#audio.onerror = () => {
        reject(new Error('The browser cannot play this recording.'));
        // It may fail later, too: a connection that is lost while it plays.
        if (this.state.peek() !== 'ready') return;
        batch(() => {
          this.state.value = 'failed';
          this.problem.value = new Error('The recording could not be read on; play tries again from here.');
        });
      };
      this.#audio.src = source;
    });
  }

  #secondsOf(ms: number): number {
    return Math.max(0, ms - this.#offsetMs) / 1000;
  }

  #run(): void {
    this.playing.value = true;
    const step = (): void => {
      this.#tell();
      this.#frame = requestAnimationFrame(step);
    };
    cancelAnimationFrame(this.#frame);
    step();
  }

  #rest(): void {
    cancelAnimationFrame(this.#frame);
    this.playing.value = false;
    this.#tell();
  }

  #tell(): void {
    if (this.state.peek() === 'ready') this.positionMs.value = this.#offsetMs + 1000 * this.#audio.currentTime;
  }
}
