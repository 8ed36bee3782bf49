import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EncodedEvent } from '../../src/server/encoded-event.ts';
import { HistoryBudget } from '../../src/server/history-budget.ts';
import { Hub } from '../../src/server/hub.ts';
import { LiveStream, type Producer } from '../../src/server/live-stream.ts';
import { Scheduler } from '../../src/server/scheduler.ts';
import type { AnalyzerStream } from '../../src/streams/index.ts';

const INBOX_BYTES = 10_000;
const PACKET = new Uint8Array(936); // 1,000 with the cost of a message

/** A stream whose analysis takes one packet at a time, when it is told to. */
function stream() {
  const turns: (() => void)[] = [];
  const analyzerStream = {
    options: {
      streamId: 's',
      callId: 's',
      format: { encoding: 'mulaw', sampleRateHz: 8000, channels: 1 },
      channels: [{ name: 'mixed', role: 'unknown' }],
      analysis: { windowMs: 3000, stepMs: 500, descriptors: [] },
    },
    events: new Subject<EncodedEvent>(),
    receivedSamples: 0,
    push: () => {},
    gap: () => {},
    mark: () => {},
    status: () => {},
    stretch: () => {},
    replaceRules: () => {},
    stop: () => {},
  } satisfies AnalyzerStream<EncodedEvent>;
  const live = new LiveStream({
    analyzerStream,
    hub: new Hub('s', 1e6, new HistoryBudget(1e6), new Set()),
    scheduler: new Scheduler({ sliceMs: 117, slicesPerRound: 1, defer: (round) => turns.push(round) }),
    token: 't',
    runId: 'r',
    startedAtMs: 0,
    origin: 'websocket',
    metadata: {},
    inboxBytes: INBOX_BYTES,
    clock: () => 0,
    onEnded: () => {},
  });
  let rooms = 0;
  const producer: Producer = {
    congested: false,
    ack: () => {},
    room: () => {
      rooms += 1;
    },
    failed: () => {},
    replaced: () => {},
  };
  live.attach(producer);
  return {
    live,
    rooms: () => rooms,
    accept: (packets: number) => {
      for (let packet = 0; packet < packets; packet += 1) live.accept(PACKET);
    },
    turn: (times: number) => {
      for (let turn = 0; turn < times; turn += 1) turns.shift()?.();
    },
  };
}

describe('a sender that is held', () => {
  it('is let go when half of the inbox is free', () => {
    const { live, rooms, accept, turn } = stream();
    accept(11);
    expect(live.full).toBe(true);
    turn(5);
    expect(rooms()).toBe(0);
    turn(3);
    expect(rooms()).toBe(1);
    expect(live.full).toBe(false);
  });

  it('is not forgotten when something else comes in while it waits', () => {
    const { live, rooms, accept, turn } = stream();
    accept(11);
    turn(3);
    // A packet that was on its way, and conditions of the server.
    accept(1);
    live.announce('overload', 'The server is overloaded.');
    live.mark('here');
    expect(live.full).toBe(true);
    turn(20);
    expect(rooms()).toBe(1);
  });
});
