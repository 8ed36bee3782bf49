/** Something that was emitted, with the offset that its receiver keeps. */
export interface Emitted {
  readonly serial: number;
  readonly name: string;
  readonly payload: object;
  readonly bytes: number;
}

/** An entry costs its bytes and about this much for the objects that hold it. */
const OVERHEAD_BYTES = 160;

/** What a socket was sent last, within a limit, so that a connection that comes back gets what it has missed and nothing twice. */
export class ReplayLog {
  readonly #limitBytes: number;
  #entries: Emitted[] = [];
  #bytes = 0;
  #serial = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The serial of what was emitted last; 0 before the first. */
  get serial(): number {
    return this.#serial;
  }

  push(name: string, payload: object, bytes: number): Emitted {
    this.#serial += 1;
    const entry = { serial: this.#serial, name, payload, bytes };
    this.#entries.push(entry);
    this.#bytes += bytes + OVERHEAD_BYTES;
    if (this.#bytes > this.#limitBytes) this.#trim();
    return entry;
  }

  /** All that came after a serial; `undefined` where some of it is gone, or the serial was never given. */
  after(serial: number): readonly Emitted[] | undefined {
    const first = this.#entries[0]?.serial ?? this.#serial + 1;
    if (!Number.isInteger(serial) || serial < first - 1 || serial > this.#serial) return undefined;
    return this.#entries.slice(serial - first + 1);
  }

  /** Down to half of the limit: one by one would move the rest every time. */
  #trim(): void {
    let dropped = 0;
    while (this.#bytes > this.#limitBytes / 2 && dropped < this.#entries.length) {
      this.#bytes -= this.#entries[dropped]!.bytes + OVERHEAD_BYTES;
      dropped += 1;
    }
    this.#entries = this.#entries.slice(dropped);
  }
}
