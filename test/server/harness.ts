import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type AudioFormat, encodeSamples } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import { type ServerEvent, type StartRequest, SUBPROTOCOL } from '../../src/protocol/index.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/index.ts';
import { voice } from '../streams/babble.ts';
import { fakeManifest, LinearModel } from '../streams/fake-model.ts';

export const MONO: AudioFormat = { encoding: 'pcm_s16le', sampleRateHz: 8000, channels: 1 };
/** One second of it is 16,000 bytes. */
export const MONO_BYTES_PER_SECOND = 16_000;
export const SHORT = { windowMs: 1000, stepMs: 200 };

/** The real analyzer with a small linear model, on a free port of this machine. */
export function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  // A machine that is busy with tests is overloaded, and would say so in the timelines.
  const limits = { lagBudgetMs: 600_000, ...options.limits };
  return startServer({ model: new LinearModel(fakeManifest(featureSet)), port: 0, ...options, limits });
}

/** Seconds of speech-like audio, the same every time. */
export function audio(seconds: number, format: AudioFormat = MONO): Uint8Array {
  const length = Math.round(seconds * format.sampleRateHz);
  return encodeSamples(
    format,
    Array.from({ length: format.channels }, (_, channel) => voice(length, format.sampleRateHz, channel)),
  );
}

export const startMessage = (more: Partial<StartRequest> = {}): StartRequest => ({
  type: 'start',
  format: MONO,
  analysis: SHORT,
  ...more,
});

/** An independent peer: it knows WebSockets and JSON, and nothing of the client room. */
export class Peer {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly events: ServerEvent[] = [];
  closeCode: number | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.texts.push(data.toString());
      this.events.push(JSON.parse(data.toString()) as ServerEvent);
      this.#wake();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
    socket.on('error', () => {});
  }

  static async open(
    url: string,
    options: { headers?: Record<string, string>; protocols?: string[] } = {},
  ): Promise<Peer> {
    const socket = new WebSocket(url, options.protocols ?? [SUBPROTOCOL], { headers: options.headers ?? {} });
    const peer = new Peer(socket);
    await once(socket, 'open');
    return peer;
  }

  static stream(server: RunningServer): Promise<Peer> {
    return Peer.open(`${server.url}/v1/stream`);
  }

  static async started(server: RunningServer, more: Partial<StartRequest> = {}): Promise<Peer> {
    const peer = await Peer.stream(server);
    peer.json(startMessage(more));
    await peer.until((event) => event.type === 'started');
    return peer;
  }

  static subscribe(server: RunningServer, query: string): Promise<Peer> {
    return Peer.open(`${server.url}/v1/subscribe?${query}`);
  }

  of<T extends ServerEvent['type']>(type: T): Extract<ServerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ServerEvent, { type: T }> => event.type === type);
  }

  /** The texts of the timeline: what has a cursor. */
  get timeline(): string[] {
    return this.texts.filter((_, index) => 'cursor' in this.events[index]!);
  }

  json(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  send(data: Uint8Array | string): void {
    this.socket.send(data);
  }

  async until(found: (event: ServerEvent) => boolean): Promise<ServerEvent> {
    let seen = 0;
    for (;;) {
      for (; seen < this.events.length; seen += 1) {
        if (found(this.events[seen]!)) return this.events[seen]!;
      }
      if (this.closeCode !== undefined)
        throw new Error(`closed with ${this.closeCode}: ${this.texts.slice(-3).join(' ')}`);
      await this.#change();
    }
  }

  async closed(): Promise<number> {
    while (this.closeCode === undefined) await this.#change();
    return this.closeCode;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The answer to an upgrade that is refused. */
export async function refused(
  url: string,
  options: { headers?: Record<string, string>; protocols?: string[] } = {},
): Promise<{
  status: number;
  body: { type: string; code: string; message: string };
  headers: Record<string, unknown>;
}> {
  const socket = new WebSocket(url, options.protocols ?? [SUBPROTOCOL], { headers: options.headers ?? {} });
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
  let text = '';
  for await (const part of response) text += String(part);
  return { status: response.statusCode ?? 0, body: JSON.parse(text), headers: response.headers };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The windows of a timeline without what depends on when and where they were made. */
export function windowLines(events: readonly ServerEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'window') return [];
    const { streamId: _, cursor: __, latencyMs: ___, ...rest } = event;
    return [JSON.stringify(rest)];
  });
}
