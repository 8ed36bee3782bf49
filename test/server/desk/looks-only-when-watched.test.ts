import { describe, expect, it, vi } from 'vitest';
import type { FloorChanges, FloorSnapshot, WindowEvent } from '../../../src/protocol/index.ts';
import { AlertBook } from '../../../src/server/desk/alert-book.ts';
import { LiveCalls } from '../../../src/server/desk/live-calls.ts';
import { OPEN_POLICY } from '../../../src/server/desk/policy.ts';
import { type EncodedEvent, encodeTimelineEvent } from '../../../src/server/encoded-event.ts';
import type { LiveStream } from '../../../src/server/live-stream.ts';
import { pause } from '../harness.ts';
import { alertEvent, CHANNELS } from './fakes.ts';

const windowOf = (streamId: string, cursor: number, seq: number): EncodedEvent => {
  const event: WindowEvent = {
    type: 'window',
    streamId,
    cursor,
    channel: 0,
    channelName: 'caller',
    role: 'customer',
    seq,
    startMs: seq * 500,
    endMs: (seq + 1) * 500,
    label: 'anger',
    score: 1,
    confidence: 1,
    probabilities: { anger: 1 },
    raw: { anger: 1 },
    arousal: 0.5,
    valence: -0.5,
    speechRatio: 1,
    openTurn: null,
    added: { speechMs: 500, levelDb: -20, pitchSemitones: null, syllables: 1 },
    quality: { levelDb: -20, clippedRatio: 0 },
    latencyMs: 0,
  };
  return encodeTimelineEvent(event);
};

const eventually = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 20_000 });

/** A floor of streams whose histories count how often the bytes of their windows are looked at. */
function floorOf(streams: number, everyMs = 20) {
  const faults: unknown[] = [];
  let looks = 0;
  const floor = new LiveCalls({
    book: new AlertBook({ keep: 10, now: Date.now }),
    policy: () => OPEN_POLICY,
    now: Date.now,
    onFault: (error) => void faults.push(error),
    everyMs,
  });
  const all = Array.from({ length: streams }, (_, index) => {
    const streamId = `s${index}`;
    const events: EncodedEvent[] = [];
    const history = {
      oldestCursor: 0,
      get nextCursor() {
        return events.length;
      },
      at: (cursor: number) => events[cursor],
    };
    const stream = {
      streamId,
      callId: streamId,
      startedAtMs: 0,
      metadata: {},
      hub: { history },
      settings: { channels: CHANNELS },
    } as unknown as LiveStream;
    floor.opened(stream);
    const say = (event: EncodedEvent): void => {
      const { bytes, ...rest } = event;
      const counted: EncodedEvent = {
        ...rest,
        get bytes() {
          if (event.type === 'window') looks += 1;
          return bytes;
        },
      };
      events.push(counted);
      floor.event(stream, counted);
    };
    const talk = (windows: number): void => {
      for (let n = 0; n < windows; n += 1) say(windowOf(streamId, events.length, events.length));
    };
    return { stream, say, talk };
  });
  return { floor, all, faults, looks: () => looks };
}

class Listener {
  readonly floors: FloorSnapshot[] = [];
  readonly told: FloorChanges[] = [];
  readonly texts: string[] = [];

  floor(snapshot: FloorSnapshot, json: string): void {
    this.floors.push(snapshot);
    this.texts.push(json);
  }

  changes(changes: FloorChanges, json: string): void {
    this.told.push(changes);
    this.texts.push(json);
  }
}

describe('a floor', () => {
  it('that nobody watches looks at no window', async () => {
    const { floor, all, looks } = floorOf(20);
    for (const { talk, say } of all) {
      talk(100);
      say(alertEvent('s0', 100));
    }
    await pause(60);
    expect(looks()).toBe(0);
    const listener = new Listener();
    const leave = floor.watch(listener);
    await eventually(() => expect(listener.floors).toHaveLength(1));
    expect(looks()).toBeGreaterThan(0);
    leave();
    await pause(40);
    const before = looks();
    for (const { talk } of all) talk(100);
    await pause(60);
    expect(looks()).toBe(before);
  });

  it('that somebody comes to looks at the last minute, and at every window once', async () => {
    const { floor, all, looks } = floorOf(1);
    all[0]!.talk(1000);
    await floor.snapshot();
    // 120 windows of half a second, the one before them, and the latest once more, whole.
    expect(looks()).toBeLessThanOrEqual(122);
    const before = looks();
    all[0]!.talk(4);
    await floor.snapshot();
    expect(looks() - before).toBeLessThanOrEqual(5);
  });

  it('is looked at once for all who watch, and all are told the same text', async () => {
    const { floor, all, looks } = floorOf(3);
    const listeners = Array.from({ length: 25 }, () => new Listener());
    const leave = listeners.map((listener) => floor.watch(listener));
    await eventually(() => expect(listeners.every(({ floors }) => floors.length === 1)).toBe(true));
    const before = looks();
    for (const { talk } of all) talk(2);
    await eventually(() => expect(listeners.every(({ told }) => told.length > 0)).toBe(true));
    expect(looks() - before).toBeLessThan(25);
    for (const { texts } of listeners) expect(texts).toEqual(listeners[0]!.texts);
    for (const { floors, told, texts } of listeners)
      expect(texts.map((text) => JSON.parse(text))).toEqual([...floors, ...told]);
    for (const each of leave) each();
  });

  it('goes on without a listener that throws', async () => {
    const { floor, all, faults } = floorOf(2);
    const good = new Listener();
    let calls = 0;
    const throws = (): never => {
      calls += 1;
      throw new Error('injected');
    };
    floor.watch({ floor: throws, changes: throws });
    floor.watch(good);
    await eventually(() => expect(good.floors).toHaveLength(1));
    all[0]!.talk(1);
    await eventually(() => expect(good.told).toHaveLength(1));
    expect([calls, faults.length]).toEqual([1, 1]);
    floor.close();
  });

  it('shows who comes at any time all that is there, whatever changes meanwhile', async () => {
    const { floor, all } = floorOf(40, 5);
    const first = new Listener();
    floor.watch(first);
    const late: Listener[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      all[turn]!.talk(1 + (turn % 3));
      if (turn % 4 === 0) floor.ended(all[(turn * 7) % 40]!.stream);
      const listener = new Listener();
      late.push(listener);
      floor.watch(listener);
      await pause(2);
    }
    const now = (await floor.snapshot()).calls;
    const floorAfter = ({ floors, told }: Listener) => {
      const calls = new Map(floors.flatMap((each) => each.calls.map((call) => [call.callId, call])));
      for (const { calls: changed, gone } of told) {
        for (const callId of gone) calls.delete(callId);
        for (const call of changed) calls.set(call.callId, call);
      }
      return [...calls.values()].toSorted((a, b) => (a.callId < b.callId ? -1 : 1));
    };
    const expected = now.toSorted((a, b) => (a.callId < b.callId ? -1 : 1));
    expect(expected).toHaveLength(30);
    await eventually(() => {
      for (const listener of [first, ...late]) expect(floorAfter(listener)).toEqual(expected);
    });
    floor.close();
  });
});
