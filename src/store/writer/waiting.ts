import type { StoreItem } from '../store.ts';

/** What is dropped first when there is no room: windows, then other events, then alerts, and openings and endings last. */
const WINDOW = 0;
const OTHER_EVENT = 1;
const ALERT = 2;
const FRAME = 3;
type Rank = typeof WINDOW | typeof OTHER_EVENT | typeof ALERT | typeof FRAME;

/** What an item costs beside its bytes: the objects that hold it. */
const ITEM_BYTES = 160;
/** Where the type of an encoded event begins: `{"type":"window"…`. */
const TYPE_AT = 9;
const LETTER_A = 0x61;
const LETTER_W = 0x77;
/** A queue is compacted when so many items at its front are gone. */
const COMPACT_AT = 1024;

interface Waiting {
  readonly item: StoreItem;
  readonly place: number;
  readonly bytes: number;
  readonly sinceMs: number;
}

/** Items of one rank, oldest first. */
class Lane {
  #items: Waiting[] = [];
  #head = 0;

  get first(): Waiting | undefined {
    return this.#items[this.#head];
  }

  push(waiting: Waiting): void {
    this.#items.push(waiting);
  }

  shift(): Waiting | undefined {
    const first = this.#items[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}

export interface Batch {
  readonly items: readonly StoreItem[];
  readonly bytes: number;
  /** Of the last of its items. */
  readonly place: number;
}

/** Items that wait for the store, in order, in bounded memory. What had to go is counted by stream and told as `missing`. */
export class WaitingItems {
  readonly #maxBytes: number;
  readonly #lanes: readonly [Lane, Lane, Lane, Lane] = [new Lane(), new Lane(), new Lane(), new Lane()];
  /** By run: events that were dropped, and the place of the first of them. */
  readonly #missing = new Map<string, { readonly place: number; readonly events: number }>();
  #place = 0;
  #bytes = 0;
  #count = 0;
  #droppedEvents = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count + this.#missing.size;
  }

  /** Events that were dropped since the start. */
  get droppedEvents(): number {
    return this.#droppedEvents;
  }

  /** Place of the newest item. */
  get place(): number {
    return this.#place;
  }

  /** When the oldest of them came. */
  get oldestMs(): number | undefined {
    return this.#oldest()?.first?.sinceMs;
  }

  /** @param inHandBytes of the batch that is being written, which counts as waiting */
  push(item: StoreItem, nowMs: number, inHandBytes: number): void {
    this.#place += 1;
    if (item.kind === 'missing') {
      this.#miss(item.runId, item.events);
      return;
    }
    const bytes = sizeOf(item);
    this.#lanes[rankOf(item)].push({ item, place: this.#place, bytes, sinceMs: nowMs });
    this.#bytes += bytes;
    this.#count += 1;
    while (this.#bytes + inHandBytes > this.#maxBytes && this.#count > 0) this.#dropOne();
  }

  /** The oldest items, as many as fit in `maxBytes`, one at least; nothing where none waits. */
  take(maxBytes: number): Batch | undefined {
    const items: StoreItem[] = [];
    let bytes = 0;
    let place = 0;
    for (let lane = this.#oldest(); lane !== undefined; lane = this.#oldest()) {
      const next = lane.first!;
      if (items.length > 0 && bytes + next.bytes > maxBytes) break;
      lane.shift();
      items.push(next.item);
      bytes += next.bytes;
      place = next.place;
    }
    this.#bytes -= bytes;
    this.#count -= items.length;
    if (this.#count === 0) place = this.#place;
    // After the opening of its stream, which is in this batch or in one before.
    for (const [runId, missing] of this.#missing) {
      if (missing.place > place) continue;
      items.push({ kind: 'missing', runId, events: missing.events });
      this.#missing.delete(runId);
    }
    return items.length === 0 ? undefined : { items, bytes, place };
  }

  /** An item that the store will never take. */
  lose(item: StoreItem): void {
    if (item.kind === 'event') this.#miss(item.runId, 1);
  }

  /** Items that come when nobody will write any more: they are counted. */
  abandon(items: readonly StoreItem[]): void {
    this.#droppedEvents += items.filter(({ kind }) => kind === 'event').length;
  }

  /** The same for all that waits. */
  abandonAll(): void {
    for (const lane of this.#lanes) {
      for (let first = lane.shift(); first !== undefined; first = lane.shift()) this.abandon([first.item]);
    }
    this.#missing.clear();
    this.#bytes = 0;
    this.#count = 0;
  }

  #oldest(): Lane | undefined {
    let oldest: Lane | undefined;
    for (const lane of this.#lanes) {
      const place = lane.first?.place;
      if (place !== undefined && place < (oldest?.first?.place ?? Number.POSITIVE_INFINITY)) oldest = lane;
    }
    return oldest;
  }

  #dropOne(): void {
    const waiting = this.#lanes.find(({ first }) => first !== undefined)?.shift();
    if (waiting === undefined) return;
    this.#bytes -= waiting.bytes;
    this.#count -= 1;
    const { item } = waiting;
    if (item.kind === 'event') this.#miss(item.runId, 1);
    // Nothing can be said of a stream that the store never hears of.
    if (item.kind === 'opened') this.#missing.delete(item.stream.runId);
  }

  #miss(runId: string, events: number): void {
    this.#droppedEvents += events;
    this.#remember(runId, events);
  }

  #remember(runId: string, events: number): void {
    const missing = this.#missing.get(runId);
    this.#missing.set(runId, { place: missing?.place ?? this.#place, events: (missing?.events ?? 0) + events });
  }
}

function rankOf(item: StoreItem): Rank {
  if (item.kind !== 'event') return FRAME;
  const letter = item.bytes[TYPE_AT];
  if (letter === LETTER_W) return WINDOW;
  return letter === LETTER_A ? ALERT : OTHER_EVENT;
}

function sizeOf(item: StoreItem): number {
  if (item.kind === 'event') return ITEM_BYTES + item.bytes.length;
  // Two bytes a character, as JavaScript keeps most strings at worst.
  if (item.kind === 'opened') return ITEM_BYTES + 2 * JSON.stringify(item.stream).length;
  return ITEM_BYTES;
}
