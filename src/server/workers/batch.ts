import type { EncodedEvent } from '../encoded-event.ts';

/** Types of timeline events as they cross threads: by their place here. */
const EVENT_TYPES = [
  'window',
  'segment',
  'turn',
  'mark',
  'alert',
  'status',
  'ended',
] as const satisfies readonly EncodedEvent['type'][];
const CHECKPOINT = 16;
const ROOM = 17;
const FAILED = 18;
const COMPLETED = 19;

/** Per entry: stream, kind and channel, cursor, length of what follows; Int32 each. */
const HEAD_BYTES = 16;
const FIRST_BYTES = 65_536;

/** What a worker has to say after a tick, in one piece of memory that is handed over. */
export class BatchWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  get empty(): boolean {
    return this.#length === 0;
  }

  event(stream: number, { type, channel, cursor, bytes }: EncodedEvent): void {
    const kind = (EVENT_TYPES as readonly string[]).indexOf(type);
    if (kind < 0) throw new RangeError(`Events of type ${type} do not cross threads.`);
    this.#put(stream, kind, channel, cursor, bytes);
  }

  /** Where the stream stands after the events before. */
  checkpoint(stream: number, json: string): void {
    this.#put(stream, CHECKPOINT, 0, 0, Buffer.from(json));
  }

  /** Half of the stream's ring is free again. */
  room(stream: number): void {
    this.#put(stream, ROOM, 0, 0);
  }

  failed(stream: number, json: string): void {
    this.#put(stream, FAILED, 0, 0, Buffer.from(json));
  }

  /** Nothing more comes of the stream. */
  completed(stream: number): void {
    this.#put(stream, COMPLETED, 0, 0);
  }

  /** What was written, to be handed over; the writer starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#length);
    taken.set(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #put(stream: number, kind: number, channel: number, cursor: number, payload?: Uint8Array): void {
    const length = payload?.length ?? 0;
    this.#reserve(this.#length + HEAD_BYTES + length);
    const at = this.#length;
    this.#bytes.writeInt32LE(stream, at);
    this.#bytes.writeInt16LE(kind, at + 4);
    this.#bytes.writeInt16LE(channel, at + 6);
    this.#bytes.writeUInt32LE(cursor, at + 8);
    this.#bytes.writeUInt32LE(length, at + 12);
    if (payload !== undefined) this.#bytes.set(payload, at + HEAD_BYTES);
    this.#length = at + HEAD_BYTES + length;
  }

  #reserve(length: number): void {
    if (this.#bytes.length >= length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Takes what a batch says of one stream. */
export interface BatchListener {
  readonly streamId: string;
  event(event: EncodedEvent): void;
  checkpoint(json: Buffer): void;
  room(): void;
  failed(json: string): void;
  completed(): void;
}

/** Tells the streams what a batch says of them; what is said of a stream that is gone is nobody's. */
export function readBatch(batch: Uint8Array, streamOf: (stream: number) => BatchListener | undefined): void {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes.readInt16LE(at + 4);
    const length = bytes.readUInt32LE(at + 12);
    const stream = streamOf(bytes.readInt32LE(at));
    if (stream !== undefined) {
      const payload = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
      const type = EVENT_TYPES[kind];
      if (type !== undefined) {
        const { streamId } = stream;
        const [channel, cursor] = [bytes.readInt16LE(at + 6), bytes.readUInt32LE(at + 8)];
        // A copy: an event that is kept must not keep the whole batch.
        stream.event({ streamId, cursor, type, channel, bytes: Buffer.from(payload) });
      } else if (kind === CHECKPOINT) stream.checkpoint(payload);
      else if (kind === ROOM) stream.room();
      else if (kind === FAILED) stream.failed(payload.toString());
      else stream.completed();
    }
    at += HEAD_BYTES + length;
  }
}
