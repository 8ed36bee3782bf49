import { batch, signal } from '@preact/signals';
import { api, type Waveform } from '../api.ts';

/** Stretches that the waveform is cut into. */
const PEAKS = 2_000;
export const RATES = [0.75, 1, 1.25, 1.5, 2] as const;

/**
 * The recording of a call, in step with its timeline: one audio element, whose time is the call's. It is fetched whole,
 * because the key goes in a header, which an audio element cannot send.
 */
export class Playback {
  readonly state = signal<'none' | 'loading' | 'ready' | 'failed'>('none');
  readonly problem = signal<unknown>(undefined);
  readonly playing = signal(false);
  readonly positionMs = signal(0);
  readonly rate = signal<number>(1);
  readonly waveform = signal<Waveform | undefined>(undefined);
  readonly #audio = new Audio();
  readonly #closing = new AbortController();
  readonly #callId: string;
  /** Of the stream that is heard, in the call's time. */
  readonly #offsetMs: number;
  readonly #streamId: string | undefined;
  #url: string | undefined;
  #frame = 0;

  constructor(callId: string, streamId: string | undefined, offsetMs: number) {
    this.#callId = callId;
    this.#streamId = streamId;
    this.#offsetMs = offsetMs;
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

  async seek(ms: number): Promise<void> {
    batch(() => {
      this.positionMs.value = ms;
    });
    if (await this.#load()) this.#audio.currentTime = Math.max(0, ms - this.#offsetMs) / 1000;
  }

  setRate(rate: number): void {
    this.rate.value = rate;
    this.#audio.playbackRate = rate;
  }

  close(): void {
    this.#closing.abort();
    this.#audio.pause();
    cancelAnimationFrame(this.#frame);
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  async #play(): Promise<void> {
    if (!(await this.#load())) return;
    try {
      await this.#audio.play();
    } catch (thrown) {
      this.problem.value = thrown;
    }
  }

  async #load(): Promise<boolean> {
    if (this.state.peek() === 'ready') return true;
    if (this.state.peek() === 'loading') return false;
    this.state.value = 'loading';
    try {
      const blob = await api.audio(this.#callId, this.#streamId, { signal: this.#closing.signal });
      this.#url = URL.createObjectURL(blob);
      this.#audio.src = this.#url;
      await new Promise<void>((resolve, reject) => {
        this.#audio.addEventListener('loadedmetadata', () => resolve(), { once: true });
        this.#audio.addEventListener('error', () => reject(new Error('The browser cannot play this recording.')), {
          once: true,
        });
      });
      this.#audio.currentTime = Math.max(0, this.positionMs.peek() - this.#offsetMs) / 1000;
      this.#audio.playbackRate = this.rate.peek();
      this.state.value = 'ready';
      return true;
    } catch (thrown) {
      if (!this.#closing.signal.aborted) {
        batch(() => {
          this.state.value = 'failed';
          this.problem.value = thrown;
        });
      }
      return false;
    }
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
    this.positionMs.value = this.#offsetMs + 1000 * this.#audio.currentTime;
  }
}
