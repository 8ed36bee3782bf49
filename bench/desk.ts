/**
 * What the floor of 300 two-sided calls costs the main thread while somebody watches it, in CPU of one core: windows at every
 * 500 ms on both sides, a turn now and then, three alerts in ten calls. Without watchers, with one, and when the first one comes.
 *
 *     npm run bench:desk
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AlertEvent, TimelineEvent, WindowEvent } from '../src/protocol/index.ts';
import { AlertBook } from '../src/server/desk/alert-book.ts';
import { LiveCalls } from '../src/server/desk/live-calls.ts';
import { OPEN_POLICY } from '../src/server/desk/policy.ts';
import { encodeTimelineEvent } from '../src/server/encoded-event.ts';
import { HistoryBudget } from '../src/server/history-budget.ts';
import { Hub } from '../src/server/hub.ts';
import type { LiveStream } from '../src/server/live-stream.ts';

const CALLS = Number(process.argv[2] ?? 300);
const SECONDS = 20;
const CHANNELS = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
] as const;
const LABELS = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'] as const;

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

function windowEvent(streamId: string, cursor: number, channel: number, seq: number): WindowEvent {
  const { name, role } = CHANNELS[channel]!;
  const raised = Math.sin(seq / 9 + channel);
  const probabilities = Object.fromEntries(
    LABELS.map((label, index) => [label, rounded((1 + Math.sin(seq + index)) / 14)]),
  );
  return {
    type: 'window',
    streamId,
    cursor,
    channel,
    channelName: name,
    role,
    seq,
    startMs: Math.max(0, seq * 500 - 2500),
    endMs: (seq + 1) * 500,
    label: LABELS[seq % 7]!,
    score: 0.5123,
    confidence: 0.4987,
    probabilities,
    raw: probabilities,
    arousal: rounded(raised),
    valence: rounded(-raised),
    speechRatio: 0.7312,
    openTurn: { startMs: seq * 500, endMs: (seq + 1) * 500 },
    added: { speechMs: 410, levelDb: -23.4, pitchSemitones: 33.12, syllables: 2 },
    quality: { levelDb: -24.1, clippedRatio: 0 },
    latencyMs: 5.1,
  };
}

const alertEvent = (streamId: string, cursor: number): AlertEvent => ({
  type: 'alert',
  streamId,
  cursor,
  rule: 'angry customer',
  severity: 'high',
  state: 'raised',
  atMs: 1000,
  sinceMs: 500,
  evidence: [
    {
      measure: 'anger',
      comparison: 'above',
      threshold: 0.6,
      value: 0.7,
      holds: true,
      channel: 0,
      channelName: 'caller',
    },
  ],
});

/** A live stream that says what it is told to. */
class Call {
  readonly stream: LiveStream;
  readonly #hub: Hub;
  readonly #floor: LiveCalls;
  #seq = 0;

  constructor(index: number, budget: HistoryBudget, floor: LiveCalls) {
    const streamId = `call-${index}`;
    this.#hub = new Hub(streamId, 4_194_304, budget, new Set());
    budget.add(this.#hub.history);
    this.#floor = floor;
    this.stream = {
      hub: this.#hub,
      streamId,
      callId: streamId,
      startedAtMs: Date.now(),
      metadata: { queue: 'billing' },
      settings: { channels: CHANNELS },
    } as unknown as LiveStream;
    this.#hub.tap((event) => floor.event(this.stream, event));
    floor.opened(this.stream);
  }

  step(alert: boolean): void {
    for (const channel of [0, 1]) this.#say((cursor) => windowEvent(this.stream.streamId, cursor, channel, this.#seq));
    if (alert) this.#say((cursor) => alertEvent(this.stream.streamId, cursor));
    this.#seq += 1;
  }

  end(): void {
    this.#floor.ended(this.stream);
  }

  #say(event: (cursor: number) => TimelineEvent): void {
    this.#hub.relay(encodeTimelineEvent(event(this.#hub.history.nextCursor)));
  }
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** CPU per second while the calls go on in real time, ms. */
async function goOn(calls: readonly Call[]): Promise<number> {
  const [began, startMs] = [cpuMs(), performance.now()];
  for (let half = 0; half < 2 * SECONDS; half += 1) {
    // Spread over the half second, as calls are.
    for (let part = 0; part < 10; part += 1) {
      for (let index = part; index < calls.length; index += 10) calls[index]!.step(false);
      await pause(Math.max(0, startMs + half * 500 + part * 50 - performance.now()));
    }
  }
  return ((cpuMs() - began) / (performance.now() - startMs)) * 1000;
}

const floor = new LiveCalls({
  book: new AlertBook({ keep: 2000, now: Date.now }),
  policy: () => OPEN_POLICY,
  now: Date.now,
  onFault: (error) => console.error(error),
});
const budget = new HistoryBudget(268_435_456);
const calls = Array.from({ length: CALLS }, (_, index) => new Call(index, budget, floor));
for (let half = 0; half < 240; half += 1)
  for (const [index, call] of calls.entries()) call.step(half === 1 && index % 10 < 3);

await goOn(calls);
const alone = await goOn(calls);
const beganMs = performance.now();
const beganCpu = cpuMs();
let bytes = 0;
let messages = 0;
let leave = (): void => {};
const whole = new Promise<number>((resolve) => {
  leave = floor.watch({
    floor: (_, json) => resolve(json.length),
    changes: (_, json) => {
      bytes += json.length;
      messages += 1;
    },
  });
});
const firstBytes = await whole;
const [comesMs, comesCpu] = [performance.now() - beganMs, cpuMs() - beganCpu];
const watched = await goOn(calls);
leave();
for (const call of calls) call.end();

const percent = (ms: number): string => `${(ms / 10).toFixed(2)} % of a core`;
console.log(`${CALLS} calls of two sides, a window each 500 ms, ${SECONDS} s each`);
console.log(`making and keeping the events, nobody watches: ${percent(alone)}`);
console.log(`the same while somebody watches:               ${percent(watched)}`);
console.log(`the floor costs:                               ${percent(watched - alone)}`);
console.log(
  `who comes first waits ${comesMs.toFixed(0)} ms (${comesCpu.toFixed(0)} ms of CPU, in slices) for ${firstBytes} bytes`,
);
console.log(`then ${Math.round(bytes / Math.max(1, messages))} bytes a second`);
