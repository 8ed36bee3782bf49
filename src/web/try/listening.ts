import { batch, signal } from '@preact/signals';
import { connect, type LiveStream, UndertoneError } from '../../client/index.ts';
import type { EndedEvent, ModelDescription, Role, ServerEvent, WindowEvent } from '../../protocol/index.ts';
import { socketAddress } from '../request.ts';
import { apiKey } from '../session.ts';
import { openMicrophone } from './microphone.ts';
import { encodePcm16, type Recording } from './recording.ts';

export type ListeningState = 'idle' | 'opening' | 'live' | 'finishing' | 'done' | 'failed';
export type Pace = 'real-time' | 'fast';

/** One side of what is heard: its windows so far. */
export interface Side {
  readonly name: string;
  readonly role: Role;
  /** Grows; `Listening.heard` says when. */
  readonly windows: readonly WindowEvent[];
}

interface GrowingSide extends Side {
  readonly windows: WindowEvent[];
}

/** Audio of one message, ms. */
const PIECE_MS = 40;
/** More is not sent in one message, s. */
const MOST_AT_ONCE_S = 2;
/** A recording that goes as fast as it can is sent in pieces of this length. */
const FAST_PIECE_MS = 250;

/**
 * One hearing, of the microphone or of a recording, through the public protocol: what it is doing, and what came back. It is
 * the same client that an application uses, over the same WebSocket.
 */
export class Listening {
  readonly state = signal<ListeningState>('idle');
  /** A sentence, where it failed. */
  readonly problem = signal<string | undefined>(undefined);
  readonly model = signal<ModelDescription | undefined>(undefined);
  readonly callId = signal<string | undefined>(undefined);
  readonly sides = signal<readonly Side[]>([]);
  /** Rises when windows have come, once a frame at most: a fast recording has hundreds a second. */
  readonly heard = signal(0);
  #frame = 0;
  readonly ended = signal<EndedEvent | undefined>(undefined);
  /** Where the connection is lost, or the server says something of it. */
  readonly condition = signal<string | undefined>(undefined);
  /** 0 to 1, of what was sent last; not a signal: it is drawn every frame. */
  level = 0;
  #growing: readonly GrowingSide[] = [];
  #stop: () => void = () => {};
  #cancelled = false;

  async microphone(deviceId: string | undefined, role?: Role): Promise<void> {
    await this.#guarded(async () => {
      let stream: LiveStream | undefined;
      const early: Float32Array[] = [];
      const send = (samples: Float32Array): void => {
        this.level = loudnessOf(samples);
        stream?.send(encodePcm16([samples], 0, samples.length)).catch(() => {});
      };
      // What is said while the stream is being opened is not lost.
      const capture = await openMicrophone(
        deviceId,
        (samples) => (stream === undefined ? early.push(samples) : send(samples)),
        () => this.stop(),
      );
      try {
        if (this.#cancelled) return;
        const stopped = new Promise<void>((resolve) => {
          this.#stop = resolve;
        });
        stream = await this.#open(capture.sampleRateHz, [{ name: 'you', ...roleOf(role) }]);
        for (const samples of early.splice(0)) send(samples);
        await Promise.race([stopped, stream.done]);
      } finally {
        capture.stop();
        this.level = 0;
      }
      await this.#finish(stream);
    });
  }

  async recording(recording: Recording, pace: Pace, roles: readonly Role[] = []): Promise<void> {
    await this.#guarded(async () => {
      const { sampleRateHz, channels } = recording;
      const names = channels.map((_, channel) => ({
        name: channels.length === 1 ? 'voice' : `side ${channel + 1}`,
        ...roleOf(roles[channel]),
      }));
      let stopped = false;
      this.#stop = () => {
        stopped = true;
      };
      const stream = await this.#open(sampleRateHz, names);
      const total = channels[0]!.length;
      const step = Math.round((sampleRateHz * (pace === 'fast' ? FAST_PIECE_MS : PIECE_MS)) / 1000);
      const beganMs = performance.now();
      for (let from = 0, to = 0; from < total && !stopped; from = to) {
        // The timers of a tab that nobody sees run once a second: then all that is due goes at once.
        const due = pace === 'fast' ? 0 : Math.floor(((performance.now() - beganMs) * sampleRateHz) / 1000);
        to = Math.min(total, Math.max(from + step, Math.min(due, from + MOST_AT_ONCE_S * sampleRateHz)));
        this.level = loudnessOf(channels[0]!.subarray(from, to));
        await stream.send(encodePcm16(channels, from, to));
        if (pace === 'fast') continue;
        const dueMs = beganMs + (1000 * to) / sampleRateHz;
        await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
      }
      this.level = 0;
      await this.#finish(stream);
    });
  }

  /** Ends what is heard; what was said until now is still analysed. */
  stop(): void {
    this.#cancelled = true;
    this.#stop();
  }

  async #open(
    sampleRateHz: number,
    channels: readonly { readonly name: string; readonly role?: Role }[],
  ): Promise<LiveStream> {
    const key = apiKey.peek();
    const connection = connect(socketAddress(), key === null ? {} : { apiKey: key });
    const stream = await connection.stream({
      format: { encoding: 'pcm_s16le', sampleRateHz, channels: channels.length },
      channels,
      metadata: { source: 'page' },
    });
    batch(() => {
      this.state.value = 'live';
      this.model.value = stream.started.model;
      this.callId.value = stream.started.callId;
      this.#growing = channels.map(({ name, role = 'unknown' }) => ({ name, role, windows: [] }));
      this.sides.value = this.#growing;
    });
    stream.events$.subscribe({ next: (event) => this.#hear(event), error: () => {} });
    return stream;
  }

  async #finish(stream: LiveStream): Promise<void> {
    this.state.value = 'finishing';
    this.ended.value = await stream.stop();
    this.state.value = 'done';
  }

  #hear(event: ServerEvent): void {
    if (event.type === 'window') {
      this.#growing[event.channel]?.windows.push(event);
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        this.heard.value += 1;
      });
    } else if (event.type === 'status') {
      this.condition.value = event.code === 'resumed' ? undefined : event.message;
    }
  }

  async #guarded(run: () => Promise<void>): Promise<void> {
    batch(() => {
      this.state.value = 'opening';
      this.problem.value = undefined;
    });
    try {
      await run();
      if (this.state.peek() === 'opening') this.state.value = 'idle';
    } catch (thrown) {
      batch(() => {
        this.problem.value = sentenceOf(thrown);
        this.state.value = 'failed';
      });
    }
  }
}

const roleOf = (role: Role | undefined): { readonly role?: Role } =>
  role === undefined || role === 'unknown' ? {} : { role };

const sentenceOf = (thrown: unknown): string =>
  thrown instanceof UndertoneError || thrown instanceof Error ? thrown.message : 'Something unexpected has happened.';

/** RMS of a piece on a scale of 50 dB: 0 at −50 dB and below, 1 at full scale. */
function loudnessOf(samples: Float32Array): number {
  let squares = 0;
  for (const value of samples) squares += value * value;
  const levelDb = 10 * Math.log10(squares / Math.max(1, samples.length) + 1e-10);
  return Math.max(0, Math.min(1, (levelDb + 50) / 50));
}
