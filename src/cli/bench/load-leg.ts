import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../protocol/index.ts';
import type { LoadPlan } from './load-plan.ts';

export const PACKET_MS = 20;
/** Packets come so much late at most, evenly spread. */
const JITTER_MS = 10;
/** Sending times that are remembered: 40 s of them. */
const REMEMBERED = 2048;
/** What a server's history adds to the bytes of an event. */
const HISTORY_OVERHEAD_BYTES = 160;

export interface LegTally {
  readonly lag: number[];
  readonly latency: number[];
  readonly lateness: number[];
  measuring: boolean;
  windows: number;
  gaps: number;
  overloads: number;
  refused: number;
  errors: number;
  firstError: string;
  historyBytes: number;
}

/** One leg: a real WebSocket that sends a packet every 20 ms, and listens to its own timeline. */
export class LoadLeg {
  readonly #plan: LoadPlan;
  readonly #tally: LegTally;
  readonly #audio: Uint8Array;
  readonly #packetBytes: number;
  readonly #socket: WebSocket;
  readonly #sentAtMs = new Float64Array(REMEMBERED);
  readonly #random: () => number;
  #offset: number;
  #packet = 0;
  #beganMs = 0;
  #cursor = 0;
  #seq = 0;
  #live = false;
  #ended = false;
  /** When the next packet is to be sent, ms. */
  dueMs = Number.POSITIVE_INFINITY;

  constructor(plan: LoadPlan, audio: Uint8Array, packetBytes: number, tally: LegTally, random: () => number) {
    this.#plan = plan;
    this.#tally = tally;
    this.#audio = audio;
    this.#packetBytes = packetBytes;
    this.#random = random;
    this.#offset = Math.floor((random() * audio.length) / packetBytes) * packetBytes;
    // Masking with zeros: nobody is between, and the generator's CPU is not what is measured.
    const generateMask = (mask: Buffer): void => void mask.fill(0);
    this.#socket = new WebSocket(`${plan.url}/v1/stream`, [SUBPROTOCOL], { generateMask, perMessageDeflate: false });
    this.#socket.on('open', () => this.#start());
    this.#socket.on('message', (data: Buffer) => this.#receive(data));
    this.#socket.on('unexpected-response', (_, response) => {
      if (response.statusCode === 503) tally.refused += 1;
      else this.#wrong(`HTTP ${response.statusCode}`);
      this.#socket.terminate();
    });
    this.#socket.on('close', (code) => {
      if (this.#live && !this.#ended) this.#wrong(`closed with ${code} before its end`);
      this.#live = false;
      this.#ended = true;
      this.dueMs = Number.POSITIVE_INFINITY;
    });
    this.#socket.on('error', () => {});
  }

  get live(): boolean {
    return this.#live;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends the packet that is due. */
  send(nowMs: number): void {
    const end = this.#offset + this.#packetBytes;
    this.#sentAtMs[this.#packet % REMEMBERED] = nowMs;
    this.#socket.send(this.#audio.subarray(this.#offset, end));
    if (this.#tally.measuring) this.#tally.lateness.push(nowMs - this.dueMs);
    this.#offset = end + this.#packetBytes > this.#audio.length ? 0 : end;
    this.#packet += 1;
    this.dueMs = this.#beganMs + this.#packet * PACKET_MS + this.#random() * JITTER_MS;
  }

  stop(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
    if (this.#live && this.#socket.readyState === WebSocket.OPEN) this.#socket.send('{"type":"stop"}');
    else this.#socket.terminate();
  }

  terminate(): void {
    if (!this.#ended) this.#wrong('did not end');
    this.#socket.terminate();
  }

  #start(): void {
    const { encoding, analysis } = this.#plan;
    const format = { encoding, sampleRateHz: 8_000, channels: 1 };
    this.#socket.send(JSON.stringify({ type: 'start', format, analysis }));
  }

  #receive(data: Buffer): void {
    const nowMs = performance.now();
    const event = JSON.parse(data.toString());
    if (event.type === 'started') {
      this.#live = true;
      this.#beganMs = nowMs + this.#random() * PACKET_MS;
      this.dueMs = this.#beganMs;
    } else if (event.type === 'error') {
      if (event.code === 'overloaded' || event.code === 'too-many-streams' || event.code === 'analysis-unavailable') {
        this.#tally.refused += 1;
      } else this.#wrong(`${event.code}: ${event.message}`);
    }
    if (event.cursor === undefined) return;
    this.#tally.historyBytes += data.length + HISTORY_OVERHEAD_BYTES;
    if (event.cursor !== this.#cursor) this.#wrong(`cursor ${event.cursor} after ${this.#cursor - 1}`);
    this.#cursor = event.cursor + 1;
    if (event.type === 'window') this.#window(event, nowMs);
    else if (event.type === 'ended') this.#ended = true;
    else if (event.type === 'status' && event.code === 'gap') this.#tally.gaps += 1;
    else if (event.type === 'status' && event.code === 'overload' && this.#tally.measuring)
      this.#overload(event.message);
  }

  #window({ seq, endMs, latencyMs }: { seq: number; endMs: number; latencyMs: number }, nowMs: number): void {
    if (seq !== this.#seq) this.#wrong(`window ${seq} after ${this.#seq - 1}`);
    this.#seq = seq + 1;
    if (!this.#tally.measuring) return;
    this.#tally.windows += 1;
    const completing = Math.ceil((endMs + this.#plan.lookAheadMs) / PACKET_MS) - 1;
    const sentAtMs = this.#sentAtMs[completing % REMEMBERED]!;
    // The window that `stop` adds is completed by no packet.
    if (completing >= this.#packet) return;
    this.#tally.lag.push(nowMs - sentAtMs);
    this.#tally.latency.push(latencyMs);
  }

  /** What is told of the recovery from before is none. */
  #overload(message: string): void {
    if (!message.startsWith('The server has recovered')) this.#tally.overloads += 1;
  }

  #wrong(what: string): void {
    this.#tally.errors += 1;
    if (this.#tally.firstError === '') this.#tally.firstError = what;
  }
}
