import { open } from 'node:fs/promises';
import { UndertoneError } from '../errors.ts';
import { type EndedEvent, encodeEvent, parseServerEvent, type ServerEvent } from '../protocol/index.ts';
import { readError } from './recordings.ts';
import type { RecordingListener } from './run-recordings.ts';

/**
 * A timeline that was written as JSON Lines (`analyze --format jsonl`, `watch --format jsonl`), event by event. Events of a
 * connection and those of a later version are passed over.
 *
 * @throws UndertoneError `file-unreadable` for what is no timeline, holds several, or has no end
 */
export async function readTimeline(path: string, listener: RecordingListener, signal: AbortSignal): Promise<void> {
  const unreadable = (detail: string): UndertoneError => new UndertoneError('file-unreadable', { path, detail });
  const order = new TimelineOrder();
  let number = 0;
  let ended: EndedEvent | undefined;
  const file = await open(path).catch((thrown: unknown) => {
    throw readError(path, thrown);
  });
  listener.opened(undefined);
  try {
    for await (const line of file.readLines()) {
      signal.throwIfAborted();
      number += 1;
      if (line.trim() === '') continue;
      const event = parsed(line);
      if (event === 'wrong') throw unreadable(`line ${number} is no event of a timeline`);
      if (event === undefined) continue;
      if (!order.fits(event)) {
        throw unreadable('it holds several timelines; write each to a file of its own, with --out DIR/');
      }
      // Held back until nothing follows: what is made of the call is made when it has ended.
      if (event.type === 'ended') ended = event;
      else await listener.event(event, encodeEvent(event));
    }
  } finally {
    await file.close();
  }
  if (number === 0) throw new UndertoneError('file-empty', { path });
  if (ended === undefined) throw unreadable('the timeline is not complete: its last event, ended, is missing');
  await listener.event(ended, encodeEvent(ended));
}

/** An event of a stream; nothing for others. */
function parsed(line: string): ServerEvent | 'wrong' | undefined {
  try {
    const event = parseServerEvent(line);
    return event !== undefined && (event.type === 'started' || 'cursor' in event) ? event : undefined;
  } catch {
    return 'wrong';
  }
}

/** Whether events are those of one stream, in order. */
class TimelineOrder {
  #streamId: string | undefined;
  #cursor = -1;
  #ended = false;

  fits(event: ServerEvent): boolean {
    if (!('streamId' in event) || event.streamId === undefined) return true;
    this.#streamId ??= event.streamId;
    if (this.#ended || event.streamId !== this.#streamId) return false;
    if (!('cursor' in event)) return this.#cursor < 0;
    if (event.cursor <= this.#cursor) return false;
    this.#cursor = event.cursor;
    this.#ended = event.type === 'ended';
    return true;
  }
}
