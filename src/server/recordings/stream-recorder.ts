import { type EndReason, wireFrameBytes } from '../../protocol/index.ts';
import type { StreamInput } from '../taps.ts';
import { CHUNK, CHUNK_BYTES, type ChunkKind, MAX_NOTE_BYTES, sealChunk } from './file-format.ts';
import { encodeNote, gapSamples, type RecordingEnd, type RecordingInfo, type RecordingNote } from './info.ts';

/** Takes what is sealed; must not throw. */
export interface ChunkSink {
  append(bytes: Uint8Array): void;
  end(): void;
}

/** Audio waits that long in memory at most before it is sealed: what a process that dies has lost. */
export const FLUSH_MS = 2_000;

/** Seals what comes in on one stream, in order. Bytes that come in are kept until then, and not copied. */
export class StreamRecorder {
  readonly info: RecordingInfo;
  readonly #key: Uint8Array;
  readonly #sink: ChunkSink;
  readonly #frameBytes: number;
  readonly #chunkBytes: number;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  /** When the first of them came that make a whole sample. */
  #sinceMs = 0;
  #number = 0;
  #samples = 0;
  #ended = false;

  /** @param key of the file */
  constructor(info: RecordingInfo, key: Uint8Array, sink: ChunkSink) {
    this.info = info;
    this.#key = key;
    this.#sink = sink;
    this.#frameBytes = wireFrameBytes(info.format);
    this.#chunkBytes = CHUNK_BYTES - (CHUNK_BYTES % this.#frameBytes);
    this.#note(info);
  }

  input(input: StreamInput, nowMs: number): void {
    if (this.#ended) return;
    switch (input.kind) {
      case 'audio':
        this.#audio(input.bytes, nowMs);
        return;
      case 'resumed':
        this.#dropPartialFrame();
        return;
      case 'gap': {
        const { durationMs } = input;
        this.#aside({ kind: 'gap', durationMs });
        this.#samples += gapSamples(durationMs, this.info.format);
        return;
      }
      case 'mark':
        this.#aside({ kind: 'mark', name: input.name });
        return;
      case 'status':
        this.#aside({ kind: 'status', code: input.code, message: input.message });
        return;
      case 'stretch':
        this.#aside({ kind: 'stretch', factor: input.factor });
        return;
      case 'rules':
        this.#aside({ kind: 'rules', rules: input.rules });
    }
  }

  /** Seals what has waited long enough. */
  tick(nowMs: number): void {
    if (this.#partBytes >= this.#frameBytes && nowMs - this.#sinceMs >= FLUSH_MS) this.#flush();
  }

  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#flush();
    // The bytes of a sample that never came whole: the analysis says that they were there.
    if (this.#partBytes > 0) this.#seal(CHUNK.audio, this.#take(this.#partBytes));
    this.#ended = true;
    this.#seal(CHUNK.end, [json({ reason } satisfies RecordingEnd)]);
    this.#sink.end();
  }

  #audio(bytes: Uint8Array, nowMs: number): void {
    if (bytes.length === 0) return;
    if (this.#partBytes < this.#frameBytes) this.#sinceMs = nowMs;
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
    if (this.#partBytes >= this.#chunkBytes || nowMs - this.#sinceMs >= FLUSH_MS) this.#flush();
  }

  #aside(note: RecordingNote): void {
    this.#flush();
    this.#note(note);
  }

  #note(value: RecordingInfo | RecordingNote): void {
    const bytes = json(value);
    // Rules beyond all measure: another analysis then judges by those before.
    if (bytes.length <= MAX_NOTE_BYTES) this.#seal(CHUNK.note, [bytes]);
  }

  /** Seals every sample that is whole. */
  #flush(): void {
    for (;;) {
      const whole = this.#partBytes - (this.#partBytes % this.#frameBytes);
      if (whole === 0) return;
      const bytes = Math.min(whole, this.#chunkBytes);
      this.#seal(CHUNK.audio, this.#take(bytes));
      this.#samples += bytes / this.#frameBytes;
    }
  }

  #seal(kind: ChunkKind, parts: readonly Uint8Array[]): void {
    this.#sink.append(sealChunk(this.#key, kind, { number: this.#number, samples: this.#samples }, parts));
    this.#number += 1;
  }

  /** The first bytes that wait. */
  #take(bytes: number): readonly Uint8Array[] {
    const taken: Uint8Array[] = [];
    let left = bytes;
    let used = 0;
    for (const part of this.#parts) {
      if (left === 0) break;
      if (part.length > left) {
        taken.push(part.subarray(0, left));
        this.#parts[used] = part.subarray(left);
        left = 0;
        break;
      }
      taken.push(part);
      left -= part.length;
      used += 1;
    }
    this.#parts = this.#parts.slice(used);
    this.#partBytes -= bytes;
    return taken;
  }

  #dropPartialFrame(): void {
    let excess = this.#partBytes % this.#frameBytes;
    this.#partBytes -= excess;
    while (excess > 0) {
      const last = this.#parts.pop();
      if (last === undefined) return;
      if (last.length > excess) this.#parts.push(last.subarray(0, last.length - excess));
      excess -= Math.min(excess, last.length);
    }
  }
}

const json = (value: RecordingInfo | RecordingNote | RecordingEnd): Uint8Array => Buffer.from(encodeNote(value));
