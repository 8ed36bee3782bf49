import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SocketAudio } from '../../../src/cli/platform-audio.ts';
import { dial, type LineEnd, type PlatformLine } from '../../../src/cli/platform-line.ts';
import { featureSet } from '../../../src/features/index.ts';
import { type DialectSimulator, encodeEvent, type ServerEvent, type WindowEvent } from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { createAnalyzer } from '../../../src/streams/index.ts';
import { fakeManifest, LinearModel } from '../../streams/fake-model.ts';
import { Peer } from '../harness.ts';

/** In force for every stream of these tests. */
export const ANALYSIS = { windowMs: 1_000, stepMs: 250, descriptors: [] } as const;
const DEMO_CALL = resolve(import.meta.dirname, '../../../examples/demo-call.wav');

/** The beginning of the demo call, cut by SoX without a change of its samples. */
export function demoCall(seconds: number): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-telephony-'));
  const path = join(folder, 'call.wav');
  execFileSync('sox', ['-D', DEMO_CALL, path, 'trim', '0', String(seconds)]);
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

/** What a window says of its audio and not of its stream, as it is on the wire. */
function heard(window: WindowEvent): string {
  const { streamId: _, cursor: __, channel: ___, channelName: ____, role: _____, latencyMs: ______, ...rest } = window;
  return JSON.stringify(rest);
}

/** The windows of sides in short, in no order of the sides: how many, their hash, and the last of them. */
export const brief = (sides: readonly (readonly string[])[]): string[] =>
  sides
    .map((side) => `${side.length} windows ${createHash('sha1').update(side.join()).digest('hex')} … ${side.at(-1)}`)
    .sort();

/** The windows of each channel of the audio, analysed in process. */
export function analysed({ format, audio }: Pick<SocketAudio, 'format' | 'audio'>): string[][] {
  const sides: string[][] = Array.from({ length: format.channels }, () => []);
  const channels = sides.map((_, channel) => ({ name: `${channel}`, role: 'unknown' as const }));
  const stream = createAnalyzer({ model: new LinearModel(fakeManifest(featureSet)) }).open({
    streamId: 'direct',
    callId: 'direct',
    format,
    channels,
    analysis: ANALYSIS,
  });
  stream.events.subscribe((event) => {
    if (event.type === 'window') sides[event.channel]!.push(heard(JSON.parse(encodeEvent(event)) as WindowEvent));
  });
  stream.push(audio);
  stream.stop('stop');
  return sides;
}

/** The windows of every channel of every stream. */
export function sidesIn(events: readonly ServerEvent[]): string[][] {
  const sides = new Map<string, string[]>();
  for (const event of events) {
    if (event.type !== 'window') continue;
    const key = `${event.streamId}/${event.channel}`;
    sides.set(key, [...(sides.get(key) ?? []), heard(event)]);
  }
  return [...sides.values()];
}

/** Everything that happens on a server while a call lasts. */
export class Ear {
  readonly #server: RunningServer;
  readonly #peer: Peer;
  #from = 0;

  private constructor(server: RunningServer, peer: Peer) {
    this.#server = server;
    this.#peer = peer;
  }

  static async of(server: RunningServer, key?: string): Promise<Ear> {
    return new Ear(
      server,
      await Peer.open(`${server.url}/v1/subscribe?stream=*${key === undefined ? '' : `&key=${key}`}`),
    );
  }

  /** Forgets what was heard. */
  again(): void {
    this.#from = this.#peer.events.length;
  }

  get events(): readonly ServerEvent[] {
    return this.#peer.events.slice(this.#from);
  }

  async until(found: () => boolean): Promise<void> {
    if (!found()) await this.#peer.until(() => found());
  }

  /** Why each stream has ended, once all have, at least so many. */
  async ends(streams: number): Promise<string[]> {
    const ended = () => this.events.filter((event) => event.type === 'ended');
    const begun = () => new Set(this.events.flatMap((event) => ('cursor' in event ? [event.streamId] : [])));
    await this.until(
      () => ended().length >= streams && ended().length === begun().size && this.#server.openStreams === 0,
    );
    return ended().map(({ reason }) => reason);
  }

  /** The windows of every channel of every stream. */
  sides(): string[][] {
    return sidesIn(this.events);
  }

  close(): void {
    this.#peer.socket.terminate();
  }
}

export interface Play {
  readonly simulator: DialectSimulator;
  readonly socket: SocketAudio;
  /** Instead of the dialect's own. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** A platform that has dialled. */
export class Platform {
  readonly line: PlatformLine;
  readonly replies: (string | Uint8Array)[] = [];
  readonly #messages: readonly (string | Uint8Array)[];

  private constructor(
    line: PlatformLine,
    replies: (string | Uint8Array)[],
    messages: readonly (string | Uint8Array)[],
  ) {
    this.line = line;
    this.replies = replies;
    this.#messages = messages;
  }

  static async dial(server: RunningServer, play: Play): Promise<Platform> {
    const { simulator, socket } = play;
    const { path, headers, subprotocols, query } = simulator.handshake(socket.format);
    const url =
      simulator.name === 'audiosocket'
        ? new URL(`tcp://127.0.0.1:${server.audioSocketPorts[0]}`)
        : new URL(`${server.url}${play.path ?? path}`);
    for (const [name, value] of Object.entries({ ...query, ...play.query })) url.searchParams.set(name, value);
    const replies: (string | Uint8Array)[] = [];
    const line = await dial({
      url,
      headers: { ...headers, ...play.headers },
      subprotocols,
      onMessage: (data) => replies.push(data),
    });
    const messages = [...simulator.messages(socket.format, [socket.audio])].map(({ data }) => data);
    return new Platform(line, replies, messages);
  }

  /** Everything but the message that ends the call. */
  async talk(share = 1): Promise<void> {
    const talk = this.#messages.filter((message) => !isFarewell(message));
    for (const message of talk.slice(0, Math.ceil(share * talk.length))) await this.line.send(message);
  }

  async farewell(): Promise<void> {
    for (const message of this.#messages.filter(isFarewell)) await this.line.send(message);
  }

  hangUp(): Promise<LineEnd> {
    this.line.hangUp();
    return this.line.closed;
  }
}

/** The message that ends a stream, of those platforms that have one. */
function isFarewell(message: string | Uint8Array): boolean {
  if (typeof message !== 'string') return message.length === 3 && message[0] === 0x00;
  if (!message.startsWith('{')) return false;
  const { event, type, is_speaking } = JSON.parse(message) as Record<string, unknown>;
  return event === 'stop' || type === 'close' || is_speaking === false;
}
