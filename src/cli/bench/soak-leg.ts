import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../protocol/index.ts';
import { PACKET_MS } from './load-leg.ts';

/** How a leg of the soak behaves. */
export const BEHAVIOURS = [
  /** Sends, stops, reads its end. */
  'well',
  /** Vanishes without a word. */
  'vanishes',
  /** Sends what is no message. */
  'babbles',
  /** Sends pieces of samples, of odd lengths. */
  'splits',
  /** Sends ten times as fast as it was spoken. */
  'hurries',
  /** Never reads. */
  'deaf',
  /** Connects, and says nothing. */
  'mute',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface SoakTally {
  legs: number;
  windows: number;
  /** By a server that is overloaded. */
  refused: number;
  errors: number;
  firstError: string;
}

/** One leg that lives for a while, well behaved or not. Of those that behave, every event is checked. */
export class SoakLeg {
  readonly #behaviour: Behaviour;
  readonly #socket: WebSocket;
  readonly #tally: SoakTally;
  readonly #audio: Uint8Array;
  #offset = 0;
  #cursor = 0;
  #seq = 0;
  #lastEndMs = 0;
  #said = false;
  #dueMs = Number.POSITIVE_INFINITY;
  #untilMs: number;
  #refused = false;
  gone = false;

  constructor(url: string, behaviour: Behaviour, lifeMs: number, audio: Uint8Array, tally: SoakTally) {
    this.#behaviour = behaviour;
    this.#tally = tally;
    this.#audio = audio;
    this.#untilMs = performance.now() + lifeMs;
    tally.legs += 1;
    this.#socket = new WebSocket(`${url}/v1/stream`, [SUBPROTOCOL], { perMessageDeflate: false });
    this.#socket.on('open', () => this.#open());
    this.#socket.on('message', (data: Buffer) => this.#receive(data));
    this.#socket.on('unexpected-response', (_, response) => {
      this.#refused = response.statusCode === 503;
      if (this.#refused) tally.refused += 1;
      this.#socket.terminate();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', (code) => {
      this.gone = true;
      if (this.#refused) return;
      if (this.#checked && code !== 1000) this.#wrong(`closed with ${code}`);
      if (this.#checked && !this.#said) this.#wrong('no end');
    });
  }

  get #checked(): boolean {
    return this.#behaviour === 'well' || this.#behaviour === 'splits';
  }

  /** Ends it now, as it would end later. */
  end(): void {
    this.#untilMs = Math.min(this.#untilMs, performance.now());
  }

  /** Sends what is due, and ends when its time is over. */
  tick(nowMs: number): void {
    if (this.gone) return;
    if (nowMs >= this.#untilMs) {
      this.#leave(nowMs);
      return;
    }
    for (; this.#dueMs <= nowMs; this.#dueMs += this.#behaviour === 'hurries' ? PACKET_MS / 10 : PACKET_MS)
      this.#send();
  }

  #open(): void {
    if (this.#behaviour === 'mute') return;
    if (this.#behaviour === 'deaf') this.#socket.pause();
    const format = { encoding: 'pcm_s16le', sampleRateHz: 8_000, channels: 1 };
    this.#socket.send(JSON.stringify({ type: 'start', format, analysis: { stepMs: 250 } }));
    this.#dueMs = performance.now();
  }

  #send(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#behaviour === 'babbles' && this.#offset > 20_000) {
      this.#socket.send('{"type":"what"');
      return;
    }
    const length = this.#behaviour === 'splits' ? 319 + (((this.#offset / 7) % 3) | 0) : 320;
    this.#socket.send(this.#audio.subarray(this.#offset, this.#offset + length));
    this.#offset = this.#offset + 2 * length > this.#audio.length ? 0 : this.#offset + length;
  }

  #leave(nowMs: number): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#checked && this.#socket.readyState === WebSocket.OPEN && nowMs < this.#untilMs + 5_000) {
      if (this.#offset >= 0) this.#socket.send('{"type":"stop"}');
      this.#offset = -1;
    } else if (!this.#checked || nowMs > this.#untilMs + 5_000) {
      if (this.#checked) this.#wrong('did not end');
      this.gone = true;
      this.#socket.terminate();
    }
  }

  #receive(data: Buffer): void {
    if (!this.#checked) return;
    const event = JSON.parse(data.toString());
    if (event.type === 'error' && event.code === 'overloaded') {
      this.#refused = true;
      this.#tally.refused += 1;
    } else if (event.type === 'error') this.#wrong(`${event.code}: ${event.message}`);
    if (event.cursor === undefined) return;
    if (event.cursor !== this.#cursor) this.#wrong(`cursor ${event.cursor} after ${this.#cursor - 1}`);
    this.#cursor = event.cursor + 1;
    if (event.type === 'ended') this.#said = true;
    if (event.type !== 'window') return;
    this.#tally.windows += 1;
    if (event.seq !== this.#seq) this.#wrong(`window ${event.seq} after ${this.#seq - 1}`);
    if (event.endMs <= this.#lastEndMs) this.#wrong(`a window ends at ${event.endMs} after ${this.#lastEndMs}`);
    this.#seq = event.seq + 1;
    this.#lastEndMs = event.endMs;
  }

  #wrong(what: string): void {
    this.#tally.errors += 1;
    if (this.#tally.firstError === '') this.#tally.firstError = `${this.#behaviour}: ${what}`;
  }
}
