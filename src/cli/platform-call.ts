import { type ErrorCode, errorTable, reportedError, UndertoneError } from '../errors.ts';
import type { DialectSimulator, WireFormat } from '../protocol/index.ts';
import type { Pace } from './pacing.ts';
import { dial, type LineEnd, type PlatformLine } from './platform-line.ts';
import { printable } from './terminal.ts';

export interface PlatformCall {
  readonly simulator: DialectSimulator;
  readonly format: WireFormat;
  /** Interleaved, of the format. */
  readonly audio: Uint8Array;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** Left out: as fast as the server takes it. */
  readonly pace?: Pace;
  readonly signal?: AbortSignal;
  readonly onReply?: (data: string | Uint8Array) => void;
}

/** A platform that waits for a last word of the server waits so long. */
const FAREWELL_MS = 10_000;
const NORMAL = 1000;
const NO_STATUS = 1005;

/** What the server says last before some platforms hang up, and how some of them are refused. */
const LAST_WORDS: Readonly<Record<string, { readonly last: RegExp; readonly refused?: RegExp }>> = {
  audiohook: { last: /"type":"closed"/, refused: /"type":"disconnect".*"reason":"([^"]*)"/ },
  funasr: { last: /"is_final":true/ },
};

/**
 * One socket of a platform's call: dials, sends what the platform sends, answers what it answers, and hangs up.
 *
 * @throws UndertoneError `connection-failed`, `connection-lost`, and `call-refused` with the sentence of the server
 */
export async function playCall(call: PlatformCall): Promise<void> {
  const { simulator, format, audio, pace, signal, onReply } = call;
  const words = LAST_WORDS[simulator.name];
  let refusal: string | undefined;
  let end: LineEnd | undefined;
  let line: PlatformLine | undefined;
  const early: (string | Uint8Array)[] = [];
  let heardLast: () => void = () => {};
  const last = new Promise<void>((resolve) => {
    heardLast = resolve;
  });
  const hear = (data: string | Uint8Array): void => {
    onReply?.(data);
    if (typeof data === 'string' && words?.last.test(data)) heardLast();
    if (typeof data === 'string') refusal ??= words?.refused?.exec(data)?.[1];
    const answers = simulator.onMessage?.(data) ?? [];
    for (const answer of answers) {
      if (line === undefined) early.push(answer);
      else void line.send(answer);
    }
  };
  line = await dial({ ...call, onMessage: hear });
  line.closed.then((how) => {
    end = how;
    heardLast();
  });
  for (const answer of early) await line.send(answer);
  const stop = (): void => line?.drop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (const { atMs, data } of simulator.messages(format, [audio])) {
      await pace?.until(atMs, signal);
      if (end !== undefined || refusal !== undefined) break;
      await line.send(data);
    }
    signal?.throwIfAborted();
    if (words !== undefined && refusal === undefined) await Promise.race([last, after(FAREWELL_MS)]);
    line.hangUp();
    const how = await line.closed;
    signal?.throwIfAborted();
    if (refusal !== undefined) throw new UndertoneError('call-refused', { detail: printable(refusal) });
    if (how.code !== NORMAL && how.code !== NO_STATUS) throw errorOf(how, call.url);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** What the reason of a close frame says: the sentence of an error of the table, or as much of it as fitted. */
function errorOf({ code, reason }: LineEnd, url: URL): UndertoneError {
  const [, name = '', sentence = ''] = /^([a-z-]+): (.*)$/s.exec(reason) ?? [];
  // Not that code itself: to this side, what the server refuses is never a wrong command line.
  if (isErrorCode(name)) return reportedError('call-refused', sentence);
  return new UndertoneError('connection-lost', { url: `${url.protocol}//${url.host}${url.pathname}`, code });
}

const isErrorCode = (name: string): name is ErrorCode => Object.hasOwn(errorTable, name);

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
