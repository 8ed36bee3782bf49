import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SUBPROTOCOL, wireFrameBytes } from '../../protocol/index.ts';
import { type LegTally, LoadLeg, PACKET_MS } from './load-leg.ts';
import type { Distribution, GeneratorMessage, LoadPlan } from './load-plan.ts';
import { randomFrom } from './random.ts';
import { percentile } from './statistics.ts';

// The entry of the process that makes the load. It gets its plan as one message and answers with the result.

/** From one leg's connecting to the next one's, at least. */
const RAMP_MS = 5;
const SETTLE_MS = 8_000;
const END_MS = 10_000;
const TICK_MS = 2;

process.once('message', (plan: LoadPlan) => {
  void generate(plan);
});

const say = (message: GeneratorMessage): void => void process.send?.(message);

async function generate(plan: LoadPlan): Promise<void> {
  const audio = readFileSync(plan.audioFile);
  const packetBytes =
    (wireFrameBytes({ encoding: plan.encoding, sampleRateHz: 8_000, channels: 1 }) * 8_000 * PACKET_MS) / 1000;
  const tally: LegTally = {
    lag: [],
    latency: [],
    lateness: [],
    measuring: false,
    windows: 0,
    gaps: 0,
    overloads: 0,
    refused: 0,
    errors: 0,
    firstError: '',
    historyBytes: 0,
  };
  const random = randomFrom(1);
  const legs: LoadLeg[] = [];
  const timer = setInterval(() => sendDue(legs), TICK_MS);
  let subscriberEvents = 0;
  const subscriber = new WebSocket(`${plan.url}/v1/subscribe?stream=*`, [SUBPROTOCOL]);
  subscriber.on('message', () => {
    subscriberEvents += 1;
  });
  subscriber.on('error', () => {});
  for (let leg = 0; leg < plan.legs; leg += 1) {
    legs.push(new LoadLeg(plan, audio, packetBytes, tally, random));
    await pause(RAMP_MS);
    if (leg + 1 === Math.ceil(plan.legs / 10)) {
      await pause(SETTLE_MS);
      say({ type: 'warm' });
    }
  }
  await pause(SETTLE_MS);
  tally.measuring = true;
  say({ type: 'measuring' });
  const cpu = process.cpuUsage();
  await pause(plan.seconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  tally.measuring = false;
  say({ type: 'measured' });
  for (const leg of legs) leg.stop();
  const endBy = performance.now() + END_MS;
  while (legs.some((leg) => !leg.ended) && performance.now() < endBy) await pause(50);
  clearInterval(timer);
  for (const leg of legs) leg.terminate();
  subscriber.terminate();
  const { lag, latency, lateness, measuring: _, historyBytes, ...counts } = tally;
  say({
    type: 'result',
    result: {
      lag: distribution(lag),
      latency: distribution(latency),
      lateness: distribution(lateness),
      ...counts,
      historyBytesPerLeg: historyBytes / plan.legs,
      subscriberEvents,
      generatorCpuMs: (user + system) / 1000,
    },
  });
  process.disconnect();
}

function sendDue(legs: readonly LoadLeg[]): void {
  for (const leg of legs) {
    // Each at its own moment; a leg that is late catches up.
    for (let nowMs = performance.now(); leg.dueMs <= nowMs; ) leg.send(nowMs);
  }
}

function distribution(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort();
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
  };
}
