import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../src/errors.ts';
import type { FloorListener } from '../../../src/server/desk/index.ts';
import { FloorConnection, type FloorStream } from '../../../src/server/http/sse/floor-connection.ts';

const SNAPSHOT = { at: '2026-01-01T00:00:00.000Z', calls: [] };
const CHANGES = { ...SNAPSHOT, gone: [] };

/** A connection whose reader reads when the test says so, and a floor with one who watches. */
function watched(limitBytes = 100) {
  const said: string[] = [];
  const told: string[] = [];
  const refused: string[] = [];
  const waiting: (() => void)[] = [];
  const time = { ms: 0 };
  const listeners = new Set<FloorListener>();
  let bufferedBytes = 0;
  let closed = false;
  const stream: FloorStream = {
    own: () => {},
    sendNamed: (event, json) => {
      said.push(`${event} ${json}`);
      bufferedBytes += json.length;
    },
    whenFlushed: (run) => {
      waiting.push(run);
    },
    tell: ({ code }) => {
      told.push(code);
    },
    close: () => {
      closed = true;
    },
    tick: () => {},
    terminate: () => {},
    get bufferedBytes() {
      return bufferedBytes;
    },
  };
  const floor = {
    snapshot: async () => SNAPSHOT,
    watch: (listener: FloorListener) => {
      listeners.add(listener);
      listener.floor(SNAPSHOT, 'all');
      return () => listeners.delete(listener);
    },
  };
  const connection = new FloorConnection(stream, {
    floor,
    clock: { now: () => time.ms, after: () => () => {} },
    limitBytes,
    onRejected: ({ code }) => refused.push(code),
  });
  return {
    connection,
    said,
    told,
    refused,
    time,
    listeners,
    isClosed: () => closed,
    change: (json: string) => {
      for (const listener of listeners) listener.changes(CHANGES, json);
    },
    read: () => {
      bufferedBytes = 0;
      for (const run of waiting.splice(0)) run();
    },
  };
}

describe('one who watches the floor', () => {
  it('that reads gets all of it, then every change', () => {
    const { said, change, read } = watched();
    for (const json of ['a', 'b']) {
      read();
      change(json);
    }
    expect(said).toEqual(['floor all', 'changes a', 'changes b']);
  });

  it('gets a floor that is longer than what may wait', () => {
    expect(watched(1).said).toEqual(['floor all']);
  });

  it('that does not read costs no more than the limit, is nobody while it lags, and begins anew', () => {
    const { connection, said, listeners, change, read, time } = watched(50);
    change('x'.repeat(40));
    time.ms = 100;
    change('y'.repeat(40));
    change('z');
    expect(said).toEqual(['floor all', `changes ${'x'.repeat(40)}`]);
    expect(listeners.size).toBe(0);
    time.ms = 350;
    expect(connection.slowMs).toBe(250);
    read();
    expect(connection.slowMs).toBe(0);
    expect(said.at(-1)).toBe('floor all');
    read();
    change('later');
    expect(said.at(-1)).toBe('changes later');
  });

  it('that was too slow for too long is told, and watches no more', () => {
    const { connection, listeners, told, refused, isClosed, read, said } = watched(10);
    connection.fault(new UndertoneError('slow-consumer'));
    expect([told, refused, isClosed(), listeners.size]).toEqual([['slow-consumer'], ['slow-consumer'], true, 0]);
    read();
    expect(said).toEqual(['floor all']);
  });

  it('that has left while it lagged does not come back', () => {
    const { connection, listeners, change, read, said } = watched(10);
    change('x'.repeat(40));
    connection.lost();
    read();
    expect(listeners.size).toBe(0);
    expect(said).toEqual(['floor all']);
  });
});
