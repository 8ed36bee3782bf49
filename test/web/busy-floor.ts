import type { Emotion } from '../../src/emotions.ts';
import type { AlertSeverity, FloorAlert, FloorCall, FloorLeg } from '../../src/protocol/index.ts';
import { floorAlert, floorCall, floorLeg } from './fixtures.ts';

/** The same numbers in every run: mulberry32, from a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const RULES: readonly (readonly [string, AlertSeverity])[] = [
  ['customer-anger', 'high'],
  ['valence-falls', 'medium'],
  ['long-silence', 'low'],
];
const QUEUES = ['Billing', 'Support', 'Orders', 'Returns'];
const AGENTS = ['Ada', 'Ben', 'Chidi', 'Dana', 'Elif', 'Farid', 'Grace', 'Hana'];

/** A floor of calls whose moods walk at random. `step()` moves all of them on by a second. */
export class BusyFloor {
  readonly #random: () => number;
  #calls: FloorCall[];
  #steps = 0;

  constructor(size: number, seed = 7) {
    this.#random = numbers(seed);
    this.#calls = Array.from({ length: size }, (_, n) => this.#call(n));
    for (let n = 0; n < 40; n += 1) this.step();
  }

  get calls(): readonly FloorCall[] {
    return this.#calls;
  }

  step(): readonly FloorCall[] {
    this.#steps += 1;
    this.#calls = this.#calls.map((call) => this.#moved(call));
    return this.#calls;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  #call(n: number): FloorCall {
    const callId = `${4100 + n}-${Math.floor(this.#random() * 0xffff)
      .toString(16)
      .padStart(4, '0')}`;
    const mood = this.#random() * 1.2 - 0.5;
    const leg = (channel: number, name: string, role: FloorLeg['role'], valence: number): FloorLeg =>
      floorLeg({ streamId: callId, channel, name, role, valence, recent: [] });
    return floorCall(callId, {
      durationMs: Math.floor(this.#random() * 900_000),
      startedAt: new Date(Date.UTC(2026, 2, 2, 9, 0, n)).toISOString(),
      legs: [leg(0, 'customer', 'customer', mood), leg(1, 'agent', 'employee', 0.2)],
      metadata: { queue: this.#pick(QUEUES), agent: this.#pick(AGENTS) },
    });
  }

  #moved(call: FloorCall): FloorCall {
    const legs = call.legs.map((leg) => this.#movedLeg(leg));
    const durationMs = call.durationMs + 1000;
    const { valence, label } = legs[0]!;
    const alerts = this.#alerts(call, valence, label === 'anger', durationMs);
    const urgency = Math.min(1, Math.max(0, 0.4 - valence / 2) + (alerts.length > 0 ? 0.3 : 0));
    return { ...call, legs, durationMs, alerts, urgency };
  }

  #alerts({ alerts, callId }: FloorCall, valence: number, angry: boolean, atMs: number): readonly FloorAlert[] {
    if (alerts.length > 0) return valence > 0.1 || this.#random() < 0.01 ? [] : alerts;
    if (!(angry && this.#random() < 0.05) && this.#random() > 0.001) return [];
    const [rule, severity] = angry ? RULES[0]! : this.#pick(RULES);
    return [
      floorAlert({
        alertId: `${callId}:${atMs}`,
        rule,
        severity,
        sinceMs: atMs - 7000,
        takenBy: this.#random() < 0.2 ? this.#pick(AGENTS) : null,
        acknowledged: this.#random() < 0.1,
      }),
    ];
  }

  #movedLeg(leg: FloorLeg): FloorLeg {
    const home = leg.role === 'employee' ? 0.15 : 0;
    const step = (this.#random() - 0.5) * 0.34 + (home - leg.valence) * 0.03;
    const valence = Math.max(-0.95, Math.min(0.95, leg.valence + step));
    const arousal = Math.max(-0.9, Math.min(0.9, leg.arousal + (this.#random() - 0.5) * 0.3 - leg.arousal * 0.05));
    const silent = this.#random() < 0.12;
    const label = silent ? 'unknown' : labelOf(valence, arousal);
    const recent = this.#steps % 2 === 0 ? [...leg.recent, silent ? null : valence].slice(-30) : leg.recent;
    return {
      ...leg,
      valence,
      arousal,
      label,
      reason: silent ? 'silence' : null,
      confidence: 0.38 + 0.55 * this.#random(),
      speaking: !silent && this.#random() < 0.5,
      recent,
    };
  }
}

function labelOf(valence: number, arousal: number): Emotion {
  if (valence < -0.3) return arousal > 0.05 ? 'anger' : arousal < -0.2 ? 'sadness' : 'disgust';
  if (valence > 0.42) return arousal > 0.4 ? 'surprise' : 'happiness';
  return arousal > 0.55 ? 'fear' : 'neutral';
}
