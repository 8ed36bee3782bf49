import type { EncodedEvent } from '../../src/server/encoded-event.ts';
import type { Sink } from '../../src/server/sink.ts';

/** A reader that reads when the test says so. */
export class FakeSink implements Sink {
  readonly read: string[] = [];
  readonly #queue: { readonly bytes: Buffer; readonly onFlushed: (() => void) | undefined }[] = [];

  send(bytes: Buffer, onFlushed?: () => void): void {
    this.#queue.push({ bytes, onFlushed });
  }

  get bufferedBytes(): number {
    return this.#queue.reduce((total, { bytes }) => total + bytes.length, 0);
  }

  /** Reads so many messages. */
  take(count = Number.POSITIVE_INFINITY): void {
    for (let index = 0; index < count; index += 1) {
      const message = this.#queue.shift();
      if (message === undefined) return;
      this.read.push(message.bytes.toString());
      message.onFlushed?.();
    }
  }
}

export function event(
  cursor: number,
  over: Partial<Pick<EncodedEvent, 'type' | 'streamId' | 'channel'>> & { readonly size?: number } = {},
): EncodedEvent {
  const { type = 'window', streamId = 's', channel = 0, size = 10 } = over;
  return {
    cursor,
    type,
    streamId,
    channel,
    bytes: Buffer.from(`${streamId}/${channel}/${type} ${cursor}`.padEnd(size, '.')),
  };
}
