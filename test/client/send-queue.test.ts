import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Outgoing, SendQueue } from '../../src/client/send-queue.ts';

const FRAME = 4;
const bytesFrom = (start: number, length: number) => Uint8Array.from({ length }, (_, index) => (start + index) % 251);

/** A server that takes what comes, and forgets the part of a sample when its connection is lost. */
class Model {
  received: number[] = [];
  marks: string[] = [];
  stopped = false;

  take(item: Outgoing): void {
    if (item.kind === 'audio') this.received.push(...item.bytes);
    if (item.kind === 'mark') this.marks.push(`${item.name}@${Math.floor(this.received.length / FRAME)}`);
    if (item.kind === 'stop') this.stopped = true;
  }

  get samples(): number {
    return Math.floor(this.received.length / FRAME);
  }

  lose(): void {
    this.received.length = this.samples * FRAME;
  }
}

const WINDOW = 64;

/** A sender and its server, with what should arrive. */
class Run {
  readonly queue: SendQueue;
  readonly server = new Model();
  readonly #maxMessage: number;
  pushed = 0;
  readonly marks: string[] = [];

  constructor(maxMessage: number) {
    this.queue = new SendQueue(FRAME, maxMessage);
    this.#maxMessage = maxMessage;
  }

  audio(length: number): void {
    this.queue.audio(bytesFrom(this.pushed, length));
    this.pushed += length;
  }

  mark(): void {
    const name = `m${this.marks.length}`;
    this.queue.mark(name);
    this.marks.push(`${name}@${Math.floor(this.pushed / FRAME)}`);
  }

  send(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const item = this.queue.next(WINDOW);
      if (item === undefined) return;
      if (item.kind === 'audio') expect(item.bytes.length).toBeLessThanOrEqual(this.#maxMessage);
      this.server.take(item);
      expect(this.queue.inFlightBytes).toBeLessThan(WINDOW + this.#maxMessage);
    }
  }

  acknowledge(behind: number): void {
    this.queue.acknowledge(Math.max(0, this.server.samples - behind));
  }

  lose(): void {
    this.server.lose();
    expect(this.queue.rewind(this.server.samples, this.server.marks.length)).toBe(true);
  }

  finish(): void {
    this.queue.stop();
    while (!this.server.stopped) {
      this.acknowledge(0);
      this.send(3);
    }
  }
}

describe('what a stream sends', () => {
  it('arrives once and in order, however often the connection is lost', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.nat(60).map((length) => (run: Run) => run.audio(length)) },
      { weight: 1, arbitrary: fc.constant((run: Run) => run.mark()) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }).map((count) => (run: Run) => run.send(count)) },
      { weight: 2, arbitrary: fc.nat(10).map((behind) => (run: Run) => run.acknowledge(behind)) },
      { weight: 1, arbitrary: fc.constant((run: Run) => run.lose()) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (steps, maxMessage) => {
        const run = new Run(maxMessage);
        for (const take of steps) take(run);
        run.finish();
        expect(run.server.received).toEqual([...bytesFrom(0, run.pushed)]);
        expect(run.server.marks).toEqual(run.marks);
      }),
      { numRuns: 500 },
    );
  });

  it('forgets what is acknowledged', () => {
    const queue = new SendQueue(FRAME, 8);
    queue.audio(bytesFrom(0, 32));
    while (queue.next(1000) !== undefined);
    expect(queue.unackedBytes).toBe(32);
    queue.acknowledge(5);
    expect(queue.unackedBytes).toBe(12);
    expect(queue.inFlightBytes).toBe(12);
    // An acknowledgement that is late changes nothing.
    queue.acknowledge(2);
    expect(queue.unackedBytes).toBe(12);
    expect(queue.rewind(5, 0)).toBe(true);
    expect(queue.next(1000)).toMatchObject({ kind: 'audio', bytes: bytesFrom(20, 4) });
    expect(queue.rewind(1, 0)).toBe(false);
  });

  it('keeps to the window', () => {
    const queue = new SendQueue(FRAME, 10);
    queue.audio(bytesFrom(0, 100));
    queue.mark('end');
    let sent = 0;
    while (queue.next(25) !== undefined) sent += 1;
    expect(sent).toBe(3);
    queue.acknowledge(5);
    while (queue.next(25) !== undefined) sent += 1;
    expect(sent).toBe(5);
  });
});
