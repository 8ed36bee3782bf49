import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '../../src/errors.ts';
import { autoDialect, dialectSimulators, type Handshake } from '../../src/protocol/index.ts';
import { Conversation, dialectOf, handshakeOf, type Message } from './conversation.ts';
import { Coverage } from './fuzz-coverage.ts';
import { type FuzzCase, Mutator, random } from './fuzz-mutations.ts';
import { recording } from './recording.ts';
import { transcripts } from './transcript.ts';

export interface FuzzOptions {
  /** Messages to hear, at least, that the mutator has changed. */
  readonly mutated: number;
  readonly seed: number;
  /** Begins with conversations of these alone; default: of all. */
  readonly dialects?: readonly string[];
  /** Writes the conversations that reached new code to the file of kept seeds. */
  readonly keep?: boolean;
}

export interface FuzzReport {
  readonly mutated: number;
  /** With those of the same conversations that were left as they were. */
  readonly messages: number;
  readonly conversations: number;
  /** Conversations that an error of the table ended, by its code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly blocks: number;
  readonly corpus: number;
  readonly found: number;
  readonly seconds: number;
}

/** Conversations from earlier runs that reached code which the ones written down do not. */
const KEPT = join(import.meta.dirname, 'fuzz-seeds.json');
/** The shortest of them. */
const MAX_KEPT = 40;
const MAX_KEPT_TEXT = 8_000;

/** Output for one byte of input at most: eight channels, of which one was sent. */
const MAX_GROWTH = 8;

/** Conversations as they should be, and those kept. */
export function seeds(): FuzzCase[] {
  const written = transcripts.map(
    ({ dialect, handshake, steps }): FuzzCase => ({
      dialect,
      url: handshake.url.href,
      headers: handshake.headers,
      messages: steps.flatMap((step) => ('from' in step && step.from === 'platform' ? [step.data] : [])),
    }),
  );
  const simulated = dialectSimulators.flatMap((simulator) =>
    simulator.formats.map((format): FuzzCase => {
      const { url, headers } = handshakeOf(simulator, format);
      const messages = [...simulator.messages(format, [recording(format, 200)])].map(({ data }) => data);
      return { dialect: simulator.name, url: url.href, headers, messages };
    }),
  );
  return [...written, ...simulated, ...keptSeeds()];
}

export function keptSeeds(): FuzzCase[] {
  if (!existsSync(KEPT)) return [];
  const read = JSON.parse(readFileSync(KEPT, 'utf8')) as (Omit<FuzzCase, 'messages'> & {
    messages: (string | { base64: string })[];
  })[];
  return read.map((one) => ({
    ...one,
    messages: one.messages.map((message) =>
      typeof message === 'string' ? message : new Uint8Array(Buffer.from(message.base64, 'base64')),
    ),
  }));
}

/**
 * One conversation; throws if anything but an error of the table leaves the session, if it breaks its contract, or if it makes more of its
 * input than it may.
 *
 * @returns the number of messages heard, and the code of the error that ended it
 */
export function put(one: FuzzCase): { heard: number; code: string | undefined } {
  const handshake: Handshake = { url: new URL(one.url), headers: one.headers, subprotocols: [] };
  let conversation: Conversation;
  try {
    conversation = new Conversation(one.dialect === 'auto' ? autoDialect : dialectOf(one.dialect), handshake);
  } catch (error) {
    if (error instanceof UndertoneError) return { heard: 0, code: error.code };
    throw error;
  }
  let heard = 0;
  let bytesIn = 0;
  for (const message of one.messages) {
    heard += 1;
    bytesIn += message.length;
    conversation.hear(message);
    if (conversation.error !== undefined) break;
  }
  conversation.end('lost');
  const bytesOut = conversation.actions.reduce(
    (sum, action) => sum + (action.kind === 'audio' ? action.bytes.length : 0),
    0,
  );
  if (bytesOut > bytesIn * MAX_GROWTH) throw new Error(`${bytesIn} bytes of input became ${bytesOut} of audio.`);
  return { heard, code: conversation.error?.code };
}

/** What a failing conversation looks like, to be put into a test. */
const shown = (one: FuzzCase): string => JSON.stringify({ ...one, messages: one.messages.map(storable) });
const storable = (message: Message) =>
  typeof message === 'string' ? message : { base64: Buffer.from(message).toString('base64') };

/** Asking V8 what ran costs more than a conversation, so it is asked once for several. */
const ASKED_EVERY = 8;

/** Mutates conversations, and keeps those that reach new code as the ones to mutate next. */
export function fuzz({ mutated: wanted, seed, dialects, keep = false }: FuzzOptions): FuzzReport {
  const started = performance.now();
  const next = random(seed);
  const mutator = new Mutator(next);
  const corpus = seeds().filter(({ dialect }) => dialects?.includes(dialect) ?? true);
  const coverage = new Coverage('/src/protocol/');
  const refused: Record<string, number> = {};
  const found: FuzzCase[] = [];
  const counts = { mutated: 0, messages: 0, conversations: 0 };
  let batch: FuzzCase[] = [];

  const hear = (one: FuzzCase, original: FuzzCase): void => {
    const { heard, code } = caught(one, `seed ${seed}, conversation ${counts.conversations}`);
    const known = new Set<Message>(original.messages);
    counts.conversations += 1;
    counts.messages += heard;
    counts.mutated += one.messages.slice(0, heard).filter((message) => !known.has(message)).length;
    if (code !== undefined) refused[code] = (refused[code] ?? 0) + 1;
  };
  const look = (): void => {
    if (coverage.hasNews()) {
      for (const one of batch) {
        put(one);
        if (coverage.take() === 0) continue;
        corpus.push(one);
        found.push(one);
      }
    }
    batch = [];
  };

  for (const one of corpus) put(one);
  coverage.take();
  try {
    while (counts.mutated < wanted) {
      // Half of the time one of the last that were found, where there is something left to find.
      const recent = next() < 0.5 ? Math.max(0, corpus.length - 40) : 0;
      const original = corpus[recent + Math.floor(next() * (corpus.length - recent))]!;
      const one = mutator.mutate(original, corpus[Math.floor(next() * corpus.length)]!);
      hear(one, original);
      batch.push(one);
      if (batch.length === ASKED_EVERY) look();
    }
    look();
  } finally {
    coverage.stop();
  }
  if (keep) keepSeeds(found);
  const seconds = (performance.now() - started) / 1000;
  return { ...counts, refused, blocks: coverage.blocks, corpus: corpus.length, found: found.length, seconds };
}

function caught(one: FuzzCase, where: string): ReturnType<typeof put> {
  try {
    return put(one);
  } catch (error) {
    throw new Error(`${where}: ${shown(one).slice(0, 20_000)}`, { cause: error });
  }
}

function keepSeeds(found: readonly FuzzCase[]): void {
  const short = found
    .filter((one) => shown(one).length <= MAX_KEPT_TEXT)
    .sort((a, b) => shown(a).length - shown(b).length);
  const kept = [...keptSeeds(), ...short]
    .slice(0, MAX_KEPT)
    .map((one) => ({ ...one, messages: one.messages.map(storable) }));
  writeFileSync(KEPT, `[\n${kept.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
}
